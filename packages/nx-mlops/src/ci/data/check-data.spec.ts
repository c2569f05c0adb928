import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { checkData, type CheckDataRequest } from './check-data';

tmp.setGracefulCleanup();

const at = '2026-11-29T12:00:00.000Z';

/** Two datasets in a repository, in a folder of it that is the workspace. */
function bench() {
  const repository = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a repository');
  const workspaceRoot = join(repository, 'a workspace');
  const write = (file: string, text: string) => {
    const path = join(workspaceRoot, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: workspaceRoot,
      encoding: 'utf8',
    });
  write('flights/dataset.lock.json', '{ "sha256": "one" }\n');
  write('data/weather/dataset.lock.json', '{ "sha256": "one" }\n');
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'Data');
  const printed: string[] = [];
  const jobs: string[] = [];
  const outcomes = new Map<string, { exitCode: number; failed: string[]; does?: () => void }>();
  const request: CheckDataRequest = {
    workspaceRoot,
    datasets: [
      { name: 'flights', root: 'flights' },
      { name: 'weather', root: 'data/weather' },
    ],
    lockTargets: ['lock'],
    validateTargets: ['validate'],
    runMany: ({ job, targets }) => {
      jobs.push(`${job}: ${targets.join()}`);
      const { exitCode, failed, does } = outcomes.get(job) ?? { exitCode: 0, failed: [] };
      does?.();
      const tasks = failed.map((projectName) => ({
        ...{ taskId: `${projectName}:${targets[0]}`, target: targets[0], projectName },
        ...{ cacheStatus: 'cache-miss', status: 1 },
      }));
      const run = { command: 'nx run-many', startTime: at, endTime: at };
      write(`.mlops/ci/out/${job}/run.json`, JSON.stringify({ run, tasks }));
      return Promise.resolve(exitCode);
    },
    print: (line) => printed.push(line),
  };
  const patch = join(workspaceRoot, '.mlops/ci/data.patch');
  return { request, printed, jobs, outcomes, write, git, patch };
}

it('says which datasets changed, and leaves a patch that takes them in', async () => {
  const { request, printed, jobs, outcomes, write, git, patch } = bench();
  const does = () => write('data/weather/dataset.lock.json', '{ "sha256": "two" }\n');
  outcomes.set('data-lock', { exitCode: 0, failed: [], does });
  expect(await checkData(request)).toBe(true);
  expect(jobs).toEqual(['data-lock: lock', 'data: validate']);
  expect(printed).toEqual(['Changed: weather. See .mlops/ci/data.patch; git apply takes it in.']);
  git('checkout', '-q', '--', '.');
  git('apply', patch);
  expect(git('diff', '--name-only', '--relative').trim()).toBe('data/weather/dataset.lock.json');
});

it('leaves no patch where nothing changed, nor that of an earlier run', async () => {
  const { request, printed, write, patch } = bench();
  write('.mlops/ci/data.patch', 'old');
  expect(await checkData(request)).toBe(true);
  expect(printed).toEqual(['No dataset has changed.']);
  expect(existsSync(patch)).toBe(false);
});

it('a lock that is new is a change', async () => {
  const { request, outcomes, write, patch } = bench();
  const does = () => write('new/dataset.lock.json', '{}\n');
  outcomes.set('data-lock', { exitCode: 0, failed: [], does });
  const datasets = [...request.datasets, { name: 'new', root: 'new' }];
  expect(await checkData({ ...request, datasets })).toBe(true);
  expect(readFileSync(patch, 'utf8')).toContain('new/dataset.lock.json');
});

it('fails where a dataset is not valid', async () => {
  const { request, printed, outcomes } = bench();
  outcomes.set('data', { exitCode: 1, failed: ['weather'] });
  expect(await checkData(request)).toBe(false);
  expect(printed.at(-1)).toMatch(/^Not valid: weather\./);
});

it('fails where a dataset cannot be locked, after it looked at the others', async () => {
  const { request, printed, jobs, outcomes } = bench();
  outcomes.set('data-lock', { exitCode: 1, failed: ['flights'] });
  expect(await checkData(request)).toBe(false);
  expect(jobs).toHaveLength(2);
  expect(printed[0]).toMatch(/^Could not be locked: flights\. .*credentials/);
});

it('has nothing to do without datasets', async () => {
  const { request, jobs } = bench();
  expect(await checkData({ ...request, datasets: [] })).toBe(true);
  expect(jobs).toEqual([]);
});
