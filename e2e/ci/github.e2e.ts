import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lintWorkflow } from '../../tools/ci/actionlint.mjs';
import { parseWorkflow } from '../../tools/ci/workflow-parser.mjs';
import { pullRequestEvent, pushEvent, runWorkflow } from '../../tools/ci/workflow-run.mjs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { mustRun } from '../../tools/workspace/run.mjs';
import { nxEnvironment, repository } from '../../tools/workspace/tarballs.mjs';
import { workspaceFor } from '../support';
import { describeWith } from '../with-programs';
import { fillWorkspace } from './fill-workspace';
import { GitHubApi } from './github-api';
import { nameOf, tasksOf, worked } from './run-file';

type Run = Awaited<ReturnType<typeof runWorkflow>>;
type Environments = Parameters<typeof runWorkflow>[0]['environments'];

const workflowFile = '.github/workflows/nx-mlops.yml';
const folder = join(repository, 'tmp/e2e/ci github');
let workspace: Workspace;

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  workspace = await workspaceFor('ci github', { daemon: false });
  await fillWorkspace(workspace, join(folder, 'registry'));
  await workspace.edit('ml/island/model.config.json', (text) =>
    text.replace('"seed": 7', '"seed": 7, "resourceClass": "gpu"'),
  );
  await editJson('mlops.json', (config) => ({
    ...config,
    ci: { ...ci(config), classes: { gpu: { agents: 1, runner: ['self-hosted', 'gpu'] } } },
  }));
  await workspace.mustNx(['g', 'nx-mlops:ci', '--provider=github', '--agents=2']);
  await workspace.commit('A pipeline');
}, 900_000);

const canary = {
  type: 'canary',
  steps: [{ weight: 5, requests: 200 }],
  deadline: '1h',
};
const variants: readonly { readonly name: string; readonly change: (config: Config) => Config }[] = [
  { name: 'two agents and one with a GPU', change: (config) => config },
  {
    name: 'one agent',
    change: (config) => ({ ...config, ci: { ...ci(config), agents: 1, classes: {} } }),
  },
  {
    name: 'a canary',
    change: (config) => ({
      ...config,
      environments: [{ name: 'staging' }, { name: 'production', requires: ['staging'], strategy: canary }],
    }),
  },
];

describeWith('actionlint', 'the workflow that is generated', () => {
  afterEach(() => workspace.git('checkout', '-q', '.'));

  it.each(variants)('is taken by GitHub without a finding: $name', async ({ change }) => {
    await editJson('mlops.json', change);
    await workspace.mustNx(['g', 'nx-mlops:ci', '--provider=github']);
    expect(await lintWorkflow(workspace.path(workflowFile))).toEqual([]);
    const { errors, template } = await parseWorkflow(await workspace.read(workflowFile));
    expect(errors).toEqual([]);
    expect(template).toBeDefined();
  });
});

/** One story: what a team does, run by run, with nothing between the jobs but what GitHub hands on. */
describe('the workflow on GitHub', () => {
  let api: GitHubApi;
  let runNumber = 0;
  /** The first push, which waits for its approval. */
  let first: Run;

  beforeAll(async () => {
    api = await GitHubApi.start();
  });
  afterAll(() => api.stop());

  it('checks everything of a first push, deploys it to staging, and waits for production', async () => {
    first = await push();
    expect(conclusions(first)).toMatchObject({
      Plan: 'success',
      'Check 1': 'success',
      'Check gpu-1': 'success',
      Report: 'success',
      'Deploy to staging': 'success',
      'Approve production': 'waiting',
      'Promote to production': 'waiting',
    });
    expect(jobNamed(first, 'Check gpu-1').runsOn).toEqual(['self-hosted', 'gpu']);
    expect(await workOf(first)).toEqual(
      [
        ...['species-data:prepare', 'species-data:validate', 'features:lint'],
        ...['web:lint', 'web:test', 'web:build'],
        ...['train', 'evaluate', 'test-model', 'gate', 'deploy'].flatMap((target) => [
          `species:${target}`,
          `island:${target}`,
        ]),
      ].sort(),
    );
    expect(await serving('staging')).toEqual({ island: 1, species: 1 });
    expect(await serving('production')).toEqual({});
  });

  async function push(environments: Environments = { production: {} }): Promise<Run> {
    return run({ ...(await pushEvent(workspace.folder)), environments });
  }

  async function run(what: Partial<Parameters<typeof runWorkflow>[0]> & { event: string }): Promise<Run> {
    runNumber++;
    return runWorkflow({
      workflowText: await workspace.read(workflowFile),
      workflowFile,
      repository: workspace.folder,
      cacheFolder: join(folder, 'caches of GitHub'),
      workFolder: join(folder, `run ${runNumber}`),
      runNumber,
      apiUrl: api.url,
      env: { ...nxEnvironment, NX_ISOLATE_PLUGINS: 'false' },
      install: async (clone) => {
        await mustRun('cp', ['-al', workspace.path('node_modules'), clone]);
      },
      echo: process.env['NX_MLOPS_E2E_ECHO'] === 'true',
      ...what,
    });
  }
});

type Config = Readonly<Record<string, unknown>>;

function ci(config: Config): Config {
  return (config['ci'] ?? {}) as Config;
}

async function editJson(file: string, change: (content: Config) => Config): Promise<void> {
  const before = (await workspace.readJson(file)) as Config;
  await workspace.write(file, `${JSON.stringify(change(before), null, 2)}\n`);
}

function conclusions({ jobs }: Run): Record<string, string> {
  return Object.fromEntries(jobs.map(({ name, conclusion }) => [name, conclusion]));
}

function jobNamed({ jobs }: Run, name: string): Run['jobs'][number] {
  const job = jobs.find((each) => each.name === name);
  if (job === undefined) throw new Error(`The run has no job ${name}`);
  return job;
}

/** Tasks that did work in the jobs of a run, as its artifacts tell. */
async function workOf({ artifactFolder }: Run): Promise<string[]> {
  const files = (await readdir(artifactFolder, { recursive: true })).filter((file) =>
    file.endsWith('run.json'),
  );
  const tasks = await Promise.all(files.map((file) => tasksOf(join(artifactFolder, file))));
  return [...new Set(worked(tasks.flat()).map(nameOf))].sort();
}

/** Version of each model that an environment serves, as the registry says. */
async function serving(environment: string): Promise<Record<string, number>> {
  const { output } = await workspace.mlops(['status', '--json']);
  const { rows } = JSON.parse(output) as {
    rows: { model: string; environment: string; version?: number }[];
  };
  return Object.fromEntries(
    rows
      .filter((row) => row.environment === environment && row.version !== undefined)
      .map(({ model, version }) => [model, version as number]),
  );
}
