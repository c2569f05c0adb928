import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJobIndex, writeJobIndex } from '../job-index';
import { deployAffected, deployedModel, type RunAffected } from './deploy-affected';
import { readDeployed } from './deployed-file';
import { pipeline } from './pipeline.fixture';

const job = '.mlops/ci/out/deploy-staging';
const at = '2026-11-29T12:00:00.000Z';
const commit = 'c'.repeat(40);

/** Nx, which ends these deployments by these exit codes. */
function nx(
  bench: ReturnType<typeof pipeline>,
  tasks: readonly (readonly [project: string, status: number])[],
  target = 'deploy',
) {
  const runs: Parameters<RunAffected>[0][] = [];
  const runAffected: RunAffected = async (run) => {
    runs.push(run);
    const all = [...tasks, ['website', 0] as const];
    bench.write(`${job}/run.json`, {
      run: { command: 'nx affected', startTime: at, endTime: at },
      tasks: all.map(([projectName, status]) => ({
        ...{ taskId: `${projectName}:${target}:staging`, target, projectName, status },
        cacheStatus: 'cache-miss',
      })),
    });
    const facts = { job: 'deploy-staging', head: 'a', base: 'b', exitCode: 0 };
    await writeJobIndex(join(bench.workspaceRoot, job), facts);
    return Math.max(0, ...tasks.map(([, status]) => status));
  };
  const request = {
    ...bench,
    environment: 'staging',
    commit,
    env: {},
    targets: [target],
    models: new Set(tasks.map(([project]) => project)),
    runAffected,
  };
  return { runs, request };
}

it('writes down what the environment serves of each model that was deployed', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('@acme/early', 'one'), await bench.deploy('late', 'two')];
  const { runs, request } = nx(
    bench,
    [
      ['late', 0],
      ['@acme/early', 0],
    ],
    'ship',
  );
  expect(await deployAffected(request)).toBe(0);
  expect(runs).toEqual([{ job: 'deploy-staging', targets: ['ship'], configuration: 'staging' }]);
  const file = join(bench.workspaceRoot, job, 'deployed.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ environment: 'staging', commit, models });
  expect(await readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).toEqual(models);
  const { files } = (await readJobIndex(join(bench.workspaceRoot, job))) ?? { files: [] };
  expect(files.map(({ path }) => path)).toEqual(['any', 'deployed.json', 'run.json']);
});

it('deploys nothing where a later commit was faster', async () => {
  const bench = pipeline();
  await bench.deploy('late', 'one');
  const { runs, request } = nx(bench, [['late', 0]]);
  expect(await deployAffected({ ...request, later: 'b'.repeat(40) })).toBe(0);
  expect(runs).toEqual([]);
  expect(await readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).toEqual([]);
  expect(bench.printed[0]).toMatch(/^Nothing is deployed: bbbbbbbbb, which comes after/);
});

it('leaves out a model whose deployment failed, and gives the exit code of nx', async () => {
  const bench = pipeline();
  await bench.deploy('bad', 'one');
  const late = await bench.deploy('late', 'two');
  const { request } = nx(bench, [
    ['bad', 3],
    ['late', 0],
  ]);
  expect(await deployAffected(request)).toBe(3);
  expect(await readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).toEqual([late]);
  expect(bench.printed).toContain('bad: was not deployed; what stands above says why.');
});

it('names what is on its way rather than what serves still', async () => {
  const bench = pipeline();
  await bench.deploy('late', 'one');
  const state = await bench.registry.state('late');
  const candidate = { version: 2, digest: 'f'.repeat(64) };
  const active = new Map([['staging', { candidate }]]) as unknown as typeof state.active;
  expect(deployedModel('late', { ...state, active }, 'staging')).toMatchObject(candidate);
  expect(deployedModel('late', state, 'production')).toBeUndefined();
});

it('writes an empty list where no model is affected', async () => {
  const bench = pipeline();
  const { request } = nx(bench, []);
  expect(await deployAffected(request)).toBe(0);
  expect(await readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).toEqual([]);
  expect(bench.printed).toEqual(['No model is affected, so nothing was deployed to staging.']);
});

it.each([
  ['models', [['late', 0]] as const, 'any=true\n'],
  ['nothing', [], 'any=false\n'],
])('tells the jobs after it whether there is something to promote: %s', async (_, tasks, output) => {
  const bench = pipeline();
  await bench.deploy('late', 'one');
  bench.write('outputs', '');
  const outputs = join(bench.workspaceRoot, 'outputs');
  await deployAffected({ ...nx(bench, tasks).request, env: { GITHUB_OUTPUT: outputs } });
  expect(readFileSync(outputs, 'utf8')).toBe(output);
  const file = join(bench.workspaceRoot, '.mlops/ci/out/deploy-staging/any');
  expect(existsSync(file)).toBe(tasks.length > 0);
});

it('takes the later of two versions that jobs of one pipeline deployed', async () => {
  const bench = pipeline();
  const model = { project: 'late', model: 'late', digest: 'a'.repeat(64) };
  const file = (name: string, environment: string, version: number, of = commit) =>
    bench.write(`.mlops/ci/out/${name}/deployed.json`, {
      ...{ environment, commit: of },
      models: [{ ...model, version }],
    });
  file('deploy-1', 'staging', 4);
  file('deploy-2', 'staging', 3);
  file('deploy-3', 'production', 9);
  file('deploy-of-another-commit', 'staging', 8, 'd'.repeat(40));
  bench.write('.mlops/ci/out/check/run.json', {});
  expect(await readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).toEqual([
    { ...model, version: 4 },
  ]);
});

it.each([
  ['none is there', undefined, /Run nx-mlops ci deploy --environment=staging first/],
  ['one is broken', '{"environment":', /is no list of deployed versions/],
])('says what to do when %s', async (_what, text, message) => {
  const bench = pipeline();
  if (text !== undefined) bench.write(`${job}/deployed.json`, text);
  await expect(readDeployed(bench.workspaceRoot, { environment: 'staging', commit })).rejects.toMatchObject({
    code: 'MLOPS_CI_NOT_DEPLOYED',
    message: expect.stringMatching(message),
  });
});
