import { readdir, rm } from 'node:fs/promises';
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
import { nameOf, tasksOf, worked } from '../nx-run-file';

type Run = Awaited<ReturnType<typeof runWorkflow>>;
type RunOptions = Partial<Parameters<typeof runWorkflow>[0]> & { readonly event: string };
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
  /** How each run was started, for those that go on. */
  const started = new Map<Run, RunOptions>();
  /** The first push, which waits for its approval. */
  let first: Run;

  beforeAll(async () => {
    api = await GitHubApi.start();
  });
  afterAll(() => api.stop());

  it('checks everything of a first push, deploys it to staging, and waits for production', async () => {
    first = await push();
    expect(conclusions(first)).toEqual({
      Plan: 'success',
      'Check 1': 'success',
      'Check 2': 'success',
      'Check gpu-1': 'success',
      Report: 'success',
      'Deploy to staging': 'success',
      'Approve production': 'waiting',
      'Promote to production': 'waiting',
    });
    expect(jobNamed(first, 'Check gpu-1').runsOn).toEqual(['self-hosted', 'gpu']);
    expect(stepOf(first, 'Plan').output).toMatch(/knows no green pipeline of main .*: everything/);
    expect(await workOf(first)).toEqual(
      [
        ...['species-data:prepare', 'species-data:validate', 'features:lint'],
        ...['web:lint', 'web:test', 'web:build', 'web:smoke'],
        ...['train', 'evaluate', 'test-model', 'gate', 'deploy'].flatMap((target) => [
          `species:${target}`,
          `island:${target}`,
        ]),
      ].sort(),
    );
    expect(first.summary).toContain('species');
    expect(await serving('staging')).toEqual({ island: 1, species: 1 });
    expect(await serving('production')).toEqual({});
  });

  it('runs nothing for a README pushed meanwhile, is green, and asks nobody', async () => {
    await workspace.write('README.md', '# Penguins\n');
    await workspace.commit('A README');
    const run = await push();
    expect(run.conclusion).toBe('success');
    expect(conclusions(run)).toEqual({
      Plan: 'success',
      Report: 'success',
      'Deploy to staging': 'success',
    });
    // The first run waits still, so GitHub does not call it green; the state that it left does.
    const green = (await workspace.git('rev-parse', 'HEAD~1')).output.slice(0, 9);
    for (const step of ['Plan', 'Report', 'Deploy']) {
      expect(stepOf(run, step).output).toContain(
        `${green} is the last commit of main whose pipeline was green`,
      );
    }
    expect(await workOf(run)).toEqual([]);
  });

  it('brings to production exactly what was approved', async () => {
    const approved = await goOn(first, { production: { approve: true } });
    expect(approved.conclusion).toBe('success');
    expect(conclusions(approved)).toMatchObject({
      'Approve production': 'success',
      'Promote to production': 'success',
    });
    expect(await serving('production')).toEqual({ island: 1, species: 1 });
  });

  it('trains of a pull request what it changes, takes the rest from the cache of main, and comments', async () => {
    const run = await pullRequest('more-epochs', 7, 'ml/island/model.config.json', (text) =>
      text.replace(/"epochs": (\d+)/, (_, epochs) => `"epochs": ${Number(epochs) + 1}`),
    );
    expect(run.conclusion).toBe('success');
    expect(conclusions(run)).toEqual({ Plan: 'success', 'Check gpu-1': 'success', Report: 'success' });
    expect(await workOf(run)).toEqual(
      ['evaluate', 'gate', 'test-model', 'train'].map((each) => `island:${each}`),
    );
    const restored = jobNamed(run, 'Check gpu-1').steps.map(({ output }) => output);
    expect(restored.join('')).toMatch(/Cache restored from key nx-mlops-cache-\S+ of refs\/heads\/main/);
    const [comment, ...others] = api.comments.get(7) ?? [];
    expect(comment).toMatch(/## .* The model passes its gates/);
    expect(comment).toContain('<code>island</code>');
    expect(comment).not.toContain('<code>species</code>');
    expect(others).toEqual([]);
    expect(await serving('staging')).toEqual({ island: 1, species: 1 });
  });

  it('is red where a gate fails, still reports, and needs no right to comment for that', async () => {
    api.mayComment = false;
    const run = await pullRequest('too-strict', 8, 'ml/species/model.config.json', (text) =>
      // No model is so bad.
      text.replace(/"min": 0\.\d+/, '"max": 0.01'),
    );
    expect(run.conclusion).toBe('failure');
    expect(conclusions(run)).toEqual({ Plan: 'success', [checkOf(run)]: 'failure', Report: 'success' });
    expect(await workOf(run)).toEqual(['species:gate']);
    expect(run.summary).toMatch(/species/);
    expect(run.summary).toMatch(/balanced-accuracy/);
    expect(api.comments.get(8) ?? []).toEqual([]);
    expect(await serving('staging')).toEqual({ island: 1, species: 1 });
  });

  it('rolls back when somebody asks for it, whatever they typed', async () => {
    const inputs = { model: 'species', environment: 'production', reason: 'angry "users"; $(exit 3)' };
    const run = await runOf({ event: 'workflow_dispatch', payload: { inputs } });
    expect(conclusions(run)).toEqual({ 'Roll back': 'failure' });
    // There is no version before the first.
    expect(stepOf(run, 'Roll back').output).toMatch(/MLOPS_\w+/);
  });

  async function push(environments: Environments = { production: {} }): Promise<Run> {
    return runOf({ ...(await pushEvent(workspace.folder)), environments });
  }

  /** A branch with one change, and what GitHub runs for its pull request. */
  async function pullRequest(
    head: string,
    number: number,
    file: string,
    change: (text: string) => string,
  ): Promise<Run> {
    await workspace.git('switch', '-q', '-c', head, 'main');
    await workspace.edit(file, change);
    await workspace.commit(head);
    await workspace.git('switch', '-q', 'main');
    return runOf(await pullRequestEvent(workspace.folder, { head, number }));
  }

  async function goOn(waiting: Run, environments: Environments): Promise<Run> {
    return runOf({ ...started.get(waiting), environments, resume: waiting } as RunOptions);
  }

  async function runOf(what: RunOptions): Promise<Run> {
    if (what.resume === undefined) runNumber++;
    const run = await runWorkflow({
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
    for (const { name, steps } of run.jobs) {
      for (const step of steps.filter(({ conclusion }) => conclusion === 'failure')) {
        // What a red test needs.
        console.log(`${name}, ${step.name}:\n${step.output}`);
      }
    }
    started.set(run, { runNumber, ...what });
    return run;
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

/** Of the jobs that were not skipped. */
function conclusions({ jobs }: Run): Record<string, string> {
  return Object.fromEntries(
    jobs.filter((job) => job.conclusion !== 'skipped').map(({ name, conclusion }) => [name, conclusion]),
  );
}

function jobNamed({ jobs }: Run, name: string): Run['jobs'][number] {
  const job = jobs.find((each) => each.name === name);
  if (job === undefined) throw new Error(`The run has no job ${name}`);
  return job;
}

/** Name of the one job that checks. */
function checkOf({ jobs }: Run): string {
  const names = jobs.filter(({ id }) => id === 'check').map(({ name }) => name);
  expect(names).toHaveLength(1);
  return names[0] as string;
}

function stepOf({ jobs }: Run, name: string): Run['jobs'][number]['steps'][number] {
  const step = jobs.flatMap(({ steps }) => steps).find((each) => each.name === name);
  if (step === undefined) throw new Error(`The run has no step ${name}`);
  return step;
}

/** Tasks that did work in the jobs of a run, as its artifacts tell. */
async function workOf({ artifactFolder }: Run): Promise<string[]> {
  // <artifact>/<job>/run.json; trainings have files of that name further down.
  const files = (await readdir(artifactFolder, { recursive: true })).filter((file) =>
    /^[^/]+\/[^/]+\/run\.json$/.test(file),
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
