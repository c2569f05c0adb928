import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { branchPush, gitlabClone, mergeRequest, runGitlab } from '../../tools/ci/gitlab.mjs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { mustRun } from '../../tools/workspace/run.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { workspaceFor } from '../support';
import { describeWith } from '../with-programs';
import { fillWorkspace } from './fill-workspace';
import { nameOf, tasksOf, worked } from '../nx-run-file';

type Pipeline = Awaited<ReturnType<typeof runGitlab>>;
type Options = Omit<Parameters<typeof runGitlab>[0], 'folder' | 'installed'>;

const config = (model: string) => `ml/${model}/model.config.json`;
const checks = ['check: [1]', 'check: [2]'];
/** How long each pipeline took. s */
const seconds: number[] = [];

/** The generated pipeline, run for real: each job in a folder of its own, with what the file hands on and no more. */
describeWith('gitlab', 'the pipeline on GitLab', () => {
  const folder = join(repository, 'tmp/e2e/ci gitlab');
  let workspace: Workspace;
  /** A runner for main and one for merge requests: GitLab keeps the caches of protected branches apart. */
  let main: Runner;
  let requests: Runner;
  let production: unknown;

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    workspace = await workspaceFor('ci gitlab', { daemon: false });
    await fillWorkspace(workspace, join(folder, 'registry'));
    await workspace.mustNx(['g', 'nx-mlops:ci', '--provider=gitlab', '--agents=2']);
    await workspace.commit('A pipeline');
    main = await Runner.start(workspace, join(folder, 'runner of main'));
  }, 900_000);
  afterAll(() => console.log(`Seconds of each pipeline: ${seconds.join(', ')}`));

  it('main: everything over two shards, then staging; production when somebody starts it', async () => {
    const pipeline = await main.run(branchPush());
    expect(codesOf(pipeline)).toEqual({
      plan: 0,
      'check: [1]': 0,
      'check: [2]': 0,
      report: 0,
      'deploy-staging': 0,
      'promote-production': undefined,
    });
    const shards = await Promise.all(checks.map((job, index) => main.ran(job, String(index + 1))));
    for (const ran of shards) expect(ran).not.toEqual([]);
    expect([...new Set(shards.flat())].sort()).toEqual(
      [
        'features:lint',
        'species-data:prepare',
        'species-data:validate',
        ...['lint', 'test', 'build'].map((target) => `web:${target}`),
        ...['island', 'species'].flatMap((model) =>
          ['train', 'evaluate', 'test-model', 'gate'].map((target) => `${model}:${target}`),
        ),
      ].sort(),
    );
    expect(await main.report()).toMatch(/^## ✅ All 2 models pass$/m);
    expect(await main.ran('deploy-staging', 'smoke-staging')).toEqual(['web:smoke']);
    // What was trained is deployed, and not trained again.
    expect(await main.ran('deploy-staging', 'deploy-staging')).toEqual([
      'island:deploy',
      'island:gate',
      'species:deploy',
      'species:gate',
    ]);
    const deployed = await main.deployed();
    expect(deployed.map(({ project }) => project).sort()).toEqual(['island', 'species']);
    expect(await servedBy('staging')).toEqual(versionsOf(deployed));
    expect(await servedBy('production')).toEqual({ island: undefined, species: undefined });

    const promotion = await main.run({ ...branchPush(), jobs: ['promote-production'] });
    expect(codesOf(promotion)).toMatchObject({ 'deploy-staging': undefined, 'promote-production': 0 });
    production = await servedBy('production');
    expect(production).toEqual(versionsOf(deployed));
  });

  it('a merge request of a parameter: work for that model only, a report, and no deployment', async () => {
    await workspace.git('switch', '-q', '-c', 'topic');
    await workspace.edit(config('island'), (text) =>
      text.replace(/"epochs": (\d+)/, (_, epochs) => `"epochs": ${Number(epochs) + 1}`),
    );
    await workspace.commit('More epochs');
    requests = await Runner.start(workspace, join(folder, 'runner of merge requests'), 'topic');
    const pipeline = await requests.run(await mergeRequest(requests.clone, { source: 'topic' }));
    expect(codesOf(pipeline)).toEqual({ plan: 0, 'check: [1]': 0, 'check: [2]': 0, report: 0 });
    const shards = await Promise.all(checks.map((job, index) => requests.ran(job, String(index + 1))));
    expect(shards.flat().sort()).toEqual(
      [
        ...['island:train', 'island:evaluate', 'island:test-model', 'island:gate'],
        // Its data, which main's cache would give, but merge requests do not read that.
        'species-data:prepare',
        'species-data:validate',
      ].sort(),
    );
    const report = await requests.report();
    expect(report).toMatch(/^\| <code>island<\/code> \| ✅\spasses /m);
    expect(report).not.toMatch(/^\| <code>species</m);
    expect(outputOf(pipeline, 'report')).toMatch(/No comment: there is neither GITLAB_TOKEN /);
  });

  it('a merge request whose gate fails: red, with its JUnit file and its report', async () => {
    await workspace.edit(config('island'), (text) => text.replace(/"min": 0\.\d+/, '"min": 0.999'));
    await workspace.commit('A gate that nothing passes');
    await requests.pull();
    const pipeline = await requests.run(await mergeRequest(requests.clone, { source: 'topic' }));
    expect(pipeline.code).not.toBe(0);
    const { plan, report, ...shards } = codesOf(pipeline);
    expect([plan, report]).toEqual([0, 0]);
    expect(Object.values(shards).filter((code) => code !== 0)).toHaveLength(1);
    const job = shards['check: [1]'] === 0 ? '2' : '1';
    // What its first pipeline made comes from the cache.
    expect(await requests.ran(`check: [${job}]`, job)).toEqual(['island:gate']);
    const junit = await requests.found(`check: [${job}]`, /\/out\/\d\/.*\/junit\.xml$/);
    expect(junit.join('')).toMatch(/<failure /);
    expect(await requests.report()).toMatch(/^\| <code>island<\/code> \| ❌\sblocked /m);
  });

  it('main with a commit that its gate refuses: red, and nothing is deployed', async () => {
    const before = await servedBy('staging');
    await workspace.git('switch', '-q', 'main');
    await workspace.git('merge', '-q', '--no-ff', '-m', 'Merged all the same', 'topic');
    await main.pull();
    const pipeline = await main.run(branchPush());
    expect(pipeline.code).not.toBe(0);
    const codes = codesOf(pipeline);
    expect(codes).toMatchObject({ plan: 0, report: 0 });
    expect(checks.map((name) => codes[name])).toContain(1);
    expect(codes['deploy-staging']).toBeUndefined();
    expect(codes['promote-production']).toBeUndefined();
    // Compared with the first pipeline, the last green one.
    expect(outputOf(pipeline, 'plan')).toMatch(/is the last commit of main whose pipeline was green/);
    const shards = await Promise.all(checks.map((job, index) => main.ran(job, String(index + 1))));
    expect(shards.flat().filter((task) => !task.startsWith('island:'))).toEqual([]);
    expect(await servedBy('staging')).toEqual(before);
    expect(await servedBy('production')).toEqual(production);
  });

  it('a schedule: fresh data is found and left as a patch, and nothing else is done', async () => {
    await workspace.edit(
      'ml/species-data/penguins.csv',
      (text) => `${text}${text.trimEnd().split('\n').at(-1)}\n`,
    );
    await workspace.commit('What the source has by now');
    await main.pull();
    const pipeline = await main.run({
      variables: { CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BRANCH: 'main' },
    });
    expect(codesOf(pipeline)).toEqual({ data: 0, monitor: 0 });
    expect(outputOf(pipeline, 'data')).toMatch(/^Changed: species-data\. /m);
    expect((await main.found('data', /\.mlops\/ci\/data\.patch$/)).join('')).toContain(
      '+++ b/ml/species-data/',
    );
    expect(await main.ran('data', 'data')).toEqual(['species-data:prepare', 'species-data:validate']);
    expect(await servedBy('production')).toEqual(production);
  });

  /** The version of each model that an environment serves, from the registry. */
  async function servedBy(environment: string): Promise<Record<string, number | undefined>> {
    const { code, output } = await workspace.mlops(['status', '--json']);
    if (code !== 0) throw new Error(output);
    const rows: { model: string; environment: string; version?: number }[] = JSON.parse(output).rows;
    return Object.fromEntries(
      rows.filter((row) => row.environment === environment).map(({ model, version }) => [model, version]),
    );
  }
});

interface Deployed {
  readonly project: string;
  readonly model: string;
  readonly version: number;
}

function versionsOf(models: readonly Deployed[]): Record<string, number> {
  return Object.fromEntries(models.map(({ model, version }) => [model, version]));
}

/** A clone with the caches and artifacts of its pipelines. */
class Runner {
  private constructor(
    readonly clone: string,
    private readonly workspace: Workspace,
  ) {}

  static async start(workspace: Workspace, clone: string, branch = 'main'): Promise<Runner> {
    await gitlabClone(workspace.folder, clone, { branch });
    return new Runner(clone, workspace);
  }

  /** Brings its branch to that of the workspace. */
  async pull(): Promise<void> {
    await mustRun('git', ['pull', '-q', '--ff-only'], { cwd: this.clone });
  }

  /** What the jobs print is added to a file beside the clone. */
  async run(options: Options): Promise<Pipeline> {
    const started = Date.now();
    const pipeline = await runGitlab({
      ...options,
      folder: this.clone,
      installed: this.workspace.folder,
    });
    seconds.push(Math.round((Date.now() - started) / 1000));
    await appendFile(`${this.clone}.log`, pipeline.output);
    return pipeline;
  }

  report(): Promise<string> {
    return this.artifact('report', '.mlops/report/report.md');
  }

  private artifact(job: string, file: string): Promise<string> {
    return readFile(join(this.artifacts(job), file), 'utf8');
  }

  /** The files among the artifacts of a job whose paths fit. */
  async found(job: string, path: RegExp): Promise<string[]> {
    const root = this.artifacts(job);
    const all = await readdir(root, { recursive: true, withFileTypes: true });
    const files = all
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => path.test(file));
    return Promise.all(files.map((file) => readFile(file, 'utf8')));
  }

  /** Names of the tasks that did work in a job. @param out its folder in .mlops/ci/out */
  async ran(job: string, out: string): Promise<string[]> {
    const tasks = await tasksOf(join(this.artifacts(job), '.mlops/ci/out', out, 'run.json'));
    return worked(tasks).map(nameOf).sort();
  }

  async deployed(): Promise<Deployed[]> {
    const file = '.mlops/ci/out/deploy-staging/deployed.json';
    return JSON.parse(await this.artifact('deploy-staging', file)).models;
  }

  private artifacts(job: string): string {
    return join(this.clone, '.gitlab-ci-local/artifacts', folderNameOf(job));
  }
}

/** As gitlab-ci-local names the folder of a job: what is no letter, digit, "_" or "-" in base64url. */
function folderNameOf(job: string): string {
  return job.replace(/[^\w-]+/g, (odd) => Buffer.from(odd).toString('base64url'));
}

function codesOf({ jobs }: Pipeline): Record<string, number | undefined> {
  return Object.fromEntries(jobs.map(({ name, code }) => [name, code]));
}

function outputOf({ jobs }: Pipeline, job: string): string {
  return jobs.find(({ name }) => name === job)?.output ?? '';
}
