import { logger, readJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import execa from 'execa';
import { parse } from 'yaml';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ciGenerator from './generator';
import { markedParts } from './lib/marked-parts';
import type { CiGeneratorSchema } from './schema';

const github = '.github/workflows/nx-mlops.yml';
const setup = '.github/actions/nx-mlops-setup/action.yml';
const gitlab = '.gitlab/nx-mlops.gitlab-ci.yml';

let tree: Tree;
let warned: string[];
let told: string[];
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  tree.write('package-lock.json', '{}');
  warned = [];
  told = [];
  jest.spyOn(logger, 'warn').mockImplementation((line) => void warned.push(String(line)));
  jest.spyOn(logger, 'info').mockImplementation((line) => void told.push(String(line)));
});
afterEach(() => jest.restoreAllMocks());

const text = (file: string) => tree.read(file, 'utf-8') ?? '';
const mlops = (config: object) =>
  tree.write(
    'mlops.json',
    JSON.stringify({ registry: 's3://models', environments: [{ name: 'staging' }], ...config }),
  );
const generate = (options: Partial<CiGeneratorSchema> = {}) =>
  ciGenerator(tree, { provider: 'github', skipFormat: true, ...options });
/** Every file that a run has changed. */
const changesOf = async (run: () => Promise<void>) => {
  const before = new Map(tree.listChanges().map(({ path, content }) => [path, content?.toString()]));
  await run();
  return tree
    .listChanges()
    .filter(({ path, content }) => before.get(path) !== content?.toString())
    .map(({ path }) => path);
};
/** By its command: Jest cannot load what Prettier loads late. */
const format = async (content: string, ...options: string[]) => {
  const prettier = require.resolve('prettier/bin/prettier.cjs');
  const args = [prettier, '--parser=yaml', '--no-config', ...options];
  return (await execa(process.execPath, args, { input: content, stripFinalNewline: false })).stdout;
};
const edit = (file: string, from: string, to: string) => {
  expect(text(file)).toContain(from);
  tree.write(file, text(file).replace(from, to));
};

describe('nx g nx-mlops:ci', () => {
  it.each(['github', 'gitlab', 'jenkins'] as const)(
    'writes what a reader sees in golden/%s',
    async (provider) => {
      mlops({
        environments: [{ name: 'staging' }, { name: 'production', strategy: { type: 'canary' } }],
        ci: { providers: [provider], agents: 3, classes: { gpu: { runner: ['self-hosted', 'gpu'] } } },
      });
      await generate({ provider });
      const file = { github, gitlab, jenkins: 'Jenkinsfile' }[provider];
      const golden = join(
        __dirname,
        'golden',
        { github: 'github.yml', gitlab: 'gitlab.yml', jenkins: 'Jenkinsfile' }[provider],
      );
      // UPDATE_GOLDEN=1 writes it anew; read the difference before you commit it.
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text(file));
      expect(text(file)).toBe(readFileSync(golden, 'utf8'));
    },
  );

  it('writes the setup once, tells mlops.json and nx.json, and sets the workspace up where it is not', async () => {
    await generate({ agents: 4, schedule: 'false', runner: ['big'] });
    expect(readJson(tree, 'mlops.json')).toMatchObject({
      environments: [{ name: 'staging' }, { name: 'production' }],
      ci: { providers: ['github'], agents: 4, schedule: false, runner: ['big'] },
    });
    expect(readJson(tree, 'nx.json').sync).toEqual({ globalGenerators: ['nx-mlops:ci-sync'] });
    expect(parse(text(setup)).runs.using).toBe('composite');
    tree.write(setup, 'mine');
    await generate();
    expect(text(setup)).toBe('mine');
  });

  it('keeps comments of both files and the generators that are there', async () => {
    tree.write('mlops.json', '{\n  // ours\n  "environments": [{ "name": "staging" }],\n}\n');
    tree.write('nx.json', '{\n  // mine\n  "sync": { "globalGenerators": ["@nx/js:typescript-sync"] }\n}\n');
    await generate();
    expect(text('mlops.json')).toContain('// ours');
    expect(text('nx.json')).toContain('// mine');
    expect(readJson(tree, 'nx.json').sync.globalGenerators).toEqual([
      '@nx/js:typescript-sync',
      'nx-mlops:ci-sync',
    ]);
  });

  it.each(['github', 'gitlab', 'jenkins'] as const)(
    'changes nothing the second time: %s',
    async (provider) => {
      mlops({});
      await generate({ provider });
      expect(await changesOf(() => generate({ provider }))).toEqual([]);
    },
  );

  it('adds a provider and keeps the first', async () => {
    mlops({});
    await generate();
    expect(await changesOf(() => generate({ provider: 'gitlab' }))).toEqual(
      expect.not.arrayContaining([github]),
    );
    expect(readJson(tree, 'mlops.json').ci.providers).toEqual(['github', 'gitlab']);
  });

  it('keeps what is outside of the marks', async () => {
    mlops({});
    await generate();
    tree.write(github, `${text(github)}\n  mine:\n    runs-on: ubuntu-latest\n    steps: []\n`);
    edit(github, '  # nx-mlops:end triggers\n', '  # nx-mlops:end triggers\n  merge_group:\n');
    await generate({ agents: 2 });
    const { jobs, on } = parse(text(github));
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(['plan', 'mine']));
    expect(on).toHaveProperty('merge_group');
  });

  it('takes what a formatter did for no edit', async () => {
    mlops({});
    await generate();
    const formatted = await format(text(github), '--single-quote', '--tab-width=4');
    expect(formatted).not.toBe(text(github));
    tree.write(github, formatted);
    expect(await changesOf(() => generate())).toEqual([]);
    await generate({ agents: 2 });
    expect(parse(text(github)).jobs).toHaveProperty('plan');
  });

  it('is left alone by Prettier', async () => {
    mlops({});
    await generate();
    await generate({ provider: 'gitlab' });
    for (const file of [github, setup, gitlab, '.gitlab-ci.yml']) {
      expect(await format(text(file))).toBe(text(file));
    }
    // Prettier takes its time to load.
  }, 60_000);

  it('shows a diff instead of losing an edit between the marks, and writes nothing at all', async () => {
    mlops({});
    await generate();
    edit(github, 'run: npx nx-mlops ci run --job=check', 'run: make check');
    const refused = generate({ agents: 2 });
    await expect(refused).rejects.toMatchObject({ code: 'MLOPS_CI_EDITED' });
    await expect(refused).rejects.toThrow(/\n- .*run: make check\n/);
    await expect(refused).rejects.toThrow(/\n\+ .*run: npx nx-mlops ci run --shard/);
    expect(parse(text(github)).jobs).not.toHaveProperty('plan');
    await generate({ agents: 2, overwrite: true });
    expect(text(github)).not.toContain('make check');
  });

  it('asks nothing about an edit of a part that is to stay as it is', async () => {
    mlops({});
    await generate();
    edit(github, 'cancel-in-progress: ${{ github', 'cancel-in-progress: false && ${{ github');
    await expect(generate()).rejects.toMatchObject({ code: 'MLOPS_CI_EDITED' });
    // Without its marks the part is theirs.
    tree.write(github, text(github).replace(/# nx-mlops:(begin|end) settings.*\n/g, ''));
    await generate({ agents: 2 });
    expect(text(github)).toContain('false && ${{');
    expect(markedParts(text(github)).map(({ name }) => name)).toEqual(['triggers', 'jobs']);
  });

  it('does not take a workflow of somebody else', async () => {
    mlops({});
    tree.write(github, 'name: mine\n');
    await expect(generate()).rejects.toMatchObject({ code: 'MLOPS_CI_FILE_TAKEN' });
    await generate({ overwrite: true });
    expect(parse(text(github)).name).toBe('nx-mlops');
  });

  it('is included by a .gitlab-ci.yml that is there', async () => {
    mlops({});
    tree.write('.gitlab-ci.yml', 'test:\n  script: make\n');
    await generate({ provider: 'gitlab', overwrite: true });
    expect(parse(text('.gitlab-ci.yml'))).toEqual({ test: { script: 'make' }, include: [{ local: gitlab }] });
    expect(await changesOf(() => generate({ provider: 'gitlab' }))).toEqual([]);
  });

  it('writes beside a Jenkinsfile that is there', async () => {
    mlops({});
    tree.write('Jenkinsfile', 'node { }\n');
    await generate({ provider: 'jenkins', overwrite: true });
    await generate({ provider: 'jenkins' });
    expect(text('Jenkinsfile')).toBe('node { }\n');
    expect(markedParts(text('Jenkinsfile.nx-mlops')).map(({ name }) => name)).toEqual([
      'functions',
      'settings',
      'stages',
    ]);
    expect(told.join()).toContain('Script Path');
  });

  it('follows the workspace: its main branch, package manager, Nx Cloud, Python', async () => {
    mlops({});
    tree.delete('package-lock.json');
    tree.write('pnpm-lock.yaml', '');
    tree.write('uv.lock', '');
    tree.write('m/model.config.json', '{ "training": { "entry": "train.py" } }');
    tree.write('nx.json', '{ "defaultBase": "trunk", "nxCloudId": "x" }');
    await generate({ agents: 2 });
    expect(parse(text(github)).on.push.branches).toEqual(['trunk']);
    expect(text(github)).toContain('run: pnpm exec nx start-ci-run');
    expect(text(setup)).toContain('uv sync --frozen');
  });

  it('warns of a registry that goes with the machine and of a class that is not there', async () => {
    mlops({ registry: 'file:.mlops/registry' });
    tree.write('m/model.config.json', '{ "training": { "gpu": true } }');
    await generate();
    expect(warned).toEqual([
      expect.stringContaining('"s3://bucket/models"'),
      expect.stringMatching(/m\/model\.config\.json asks for .*"gpu"/),
    ]);
    warned = [];
    mlops({
      registry: 'file:/mnt/models',
      ci: { providers: ['github'], classes: { gpu: { runner: ['gpu'] } } },
    });
    await generate();
    expect(warned).toEqual([]);
  });

  it('asks for an identity token where the setup trades it for credentials', async () => {
    mlops({});
    await generate();
    edit(setup, '  steps:\n', '  steps:\n    - uses: aws-actions/configure-aws-credentials@v5\n');
    await generate();
    expect(parse(text(github)).jobs.check.permissions['id-token']).toBe('write');
  });
});
