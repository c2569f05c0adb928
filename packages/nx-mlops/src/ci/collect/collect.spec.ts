import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { GitRepository } from '../git-repository.fixture';
import { writeJobIndex } from '../job-index';
import { collect, type CollectRequest } from './collect';

function nxRun(taskId: string, minute: number) {
  const [projectName, target] = taskId.split(':');
  const time = (second: number) => new Date(Date.UTC(2026, 10, 29, 9, minute, second)).toISOString();
  const at = { startTime: time(0), endTime: time(10) };
  return JSON.stringify({
    run: { command: 'nx affected', ...at },
    tasks: [{ taskId, projectName, target, ...at, cacheStatus: 'cache-miss', status: 0 }],
  });
}

/** Two shards of a commit: both judged `late`, one trained. */
async function bench() {
  const repository = GitRepository.empty();
  const head = repository.commit('First');
  const printed: string[] = [];
  const path = (file: string) => join(repository.folder, file);
  const job = async (name: string, files: Record<string, string>, of = head) => {
    const folder = path(`.mlops/ci/out/${name}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) repository.write(`.mlops/ci/out/${name}/${file}`, text);
    await writeJobIndex(folder, { job: name, head: of, base: 'b', exitCode: 0 });
  };
  await job('1', {
    'run.json': nxRun('late:train', 1),
    'results/ml/late/.mlops/gate/gate.json': 'of 1',
    'entries/111': 'entry of 1',
  });
  await job('2', {
    'run.json': nxRun('late:gate', 2),
    'results/ml/late/.mlops/gate/gate.json': 'of 2',
    'results/ml/late/.mlops/gate/junit.xml': 'of 2',
    'results/data/f/.mlops/validation/validation.json': 'good',
    'results/dist/reports/x/junit.xml': 'tests',
    'entries/111': 'entry of 2',
    'entries/222': 'entry of 2',
  });
  const request: CollectRequest = {
    workspaceRoot: repository.folder,
    env: {},
    results: ['dist/reports/**/junit.xml'],
    ...{ save: false, green: false },
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
  };
  return {
    repository,
    head,
    printed,
    path,
    job,
    request,
    read: (file: string) => readFileSync(path(file), 'utf8'),
  };
}

it('puts results back, each folder whole from one job, entries into the cache, and merges the runs', async () => {
  const { request, read, path, printed } = await bench();
  await collect(request);
  expect(read('ml/late/.mlops/gate/gate.json')).toBe('of 1');
  expect(existsSync(path('ml/late/.mlops/gate/junit.xml'))).toBe(false);
  expect(read('dist/reports/x/junit.xml')).toBe('tests');
  expect(read('.mlops/ci/cache/trusted/111')).toBe('entry of 1');
  expect(read('.mlops/ci/cache/trusted/222')).toBe('entry of 2');
  const { tasks } = JSON.parse(read('.mlops/ci/run.json')) as { tasks: { taskId: string }[] };
  expect(tasks.map(({ taskId }) => taskId)).toEqual(['late:train', 'late:gate']);
  expect(existsSync(path('.mlops/ci/state.json'))).toBe(false);
  expect(printed).toEqual(['2 jobs (1, 2): 2 tasks, 3 result files, 2 new cache entries.']);
});

it('changes nothing more a second time', async () => {
  const { request, read, path } = await bench();
  await collect({ ...request, save: true });
  const files = ['.mlops/ci/state.json', '.mlops/ci/run.json', '.mlops/ci/cache/trusted/111'];
  const before = files.map(read);
  const { mtimeMs } = lstatSync(path('ml/late/.mlops/gate/gate.json'));
  await collect({ ...request, save: true });
  expect(files.map(read)).toEqual(before);
  expect(lstatSync(path('ml/late/.mlops/gate/gate.json')).mtimeMs).toBe(mtimeMs);
  expect(JSON.parse(read('.mlops/ci/state.json'))).toMatchObject({
    durations: { 'late:train': { seconds: 10, runs: 1 } },
  });
});

it('removes what a folder no longer has, and the failed validation of before, but no model', async () => {
  const { request, repository, path } = await bench();
  for (const file of ['gate/old.md', 'gate/model.onnx', 'model/model.manifest.json']) {
    repository.write(`ml/late/.mlops/${file}`, 'old');
  }
  repository.write('data/f/.mlops/validation-failed/report.md', 'old');
  await collect(request);
  expect(readdirSync(path('ml/late/.mlops/gate'))).toEqual(['gate.json', 'model.onnx']);
  expect(existsSync(path('ml/late/.mlops/model/model.manifest.json'))).toBe(true);
  expect(existsSync(path('data/f/.mlops/validation-failed/report.md'))).toBe(false);
});

it('takes nothing that is not whole', async () => {
  const { request, repository, path, read, printed } = await bench();
  repository.write('.mlops/ci/out/1/entries/111', 'entry of');
  repository.write('.mlops/ci/out/2/entries/222', 'ENTRY OF 2');
  rmSync(path('.mlops/ci/out/2/results/dist/reports/x/junit.xml'));
  repository.write('.mlops/ci/out/3/run.json', nxRun('late:evaluate', 3));
  repository.write('.mlops/ci/out/2/results/ml/late/.mlops/gate/extra.md', 'in no index');
  await collect(request);
  expect(read('.mlops/ci/cache/trusted/111')).toBe('entry of 2');
  expect(existsSync(path('.mlops/ci/cache/trusted/222'))).toBe(false);
  expect(printed.join('\n')).toMatch(/entries\/111 of job 1 is not whole/);
  expect(printed.join('\n')).toMatch(/entries\/222 of job 2 has other bytes/);
  expect(printed.join('\n')).toMatch(/junit.xml of job 2 is missing/);
  expect(printed.join('\n')).toMatch(/out\/3 has no job.json/);
});

it('takes nothing of another commit', async () => {
  const { request, job, path, printed } = await bench();
  await job('1', { 'entries/333': 'x' }, 'f'.repeat(40));
  await collect(request);
  expect(existsSync(path('.mlops/ci/cache/trusted/333'))).toBe(false);
  expect(printed.join('\n')).toMatch(/out\/1 is of commit fffffffff/);
});

it('writes nowhere but where results lie, and through no link', async () => {
  const { request, repository, job, path, printed, read } = await bench();
  repository.write('elsewhere/gate.json', 'mine');
  repository.write('package.json', 'mine');
  mkdirSync(path('ml/linked/.mlops'), { recursive: true });
  symlinkSync(path('elsewhere'), path('ml/linked/.mlops/gate'));
  mkdirSync(path('ml/file/.mlops/gate'), { recursive: true });
  symlinkSync(path('elsewhere/gate.json'), path('ml/file/.mlops/gate/gate.json'));
  repository.write('outside/.mlops/gate/mine.json', 'mine');
  symlinkSync(path('outside'), path('ml/project'));
  await job('1', {
    'results/ml/project/.mlops/gate/gate.json': 'theirs',
    'results/package.json': 'theirs',
    'results/node_modules/x/.mlops/gate/gate.json': 'theirs',
    'results/ml/linked/.mlops/gate/gate.json': 'theirs',
    'results/ml/file/.mlops/gate/gate.json': 'theirs',
    'results/.mlops/ci/state.json': 'theirs',
  });
  await collect(request);
  expect([read('package.json'), read('elsewhere/gate.json')]).toEqual(['mine', 'mine']);
  expect(readdirSync(path('outside/.mlops/gate'))).toEqual(['mine.json']);
  expect(existsSync(path('node_modules'))).toBe(false);
  expect(existsSync(path('.mlops/ci/state.json'))).toBe(false);
  expect(printed.filter((line) => line.includes('is no result'))).toHaveLength(3);
  expect(printed.filter((line) => line.includes('is not put back'))).toHaveLength(3);
});

it.each(['../../../../escaped.json', 'results/../../../../x/.mlops/gate/gate.json', '/etc/hostname', ''])(
  'passes over a path of the index that cannot be: "%s"',
  async (odd) => {
    const { request, path, read, repository, printed } = await bench();
    const index = JSON.parse(read('.mlops/ci/out/1/job.json')) as { files: { path: string }[] };
    index.files.push({ ...(index.files[0] as { path: string }), path: odd });
    repository.write('.mlops/ci/out/1/job.json', JSON.stringify(index));
    await collect(request);
    expect(printed.join('\n')).toMatch(/has a path that cannot be/);
    expect(existsSync(path('x'))).toBe(false);
  },
);

it('follows no link inside of an artifact', async () => {
  const { request, path, printed, read, repository } = await bench();
  repository.write('secret/gate.json', 'of 1');
  const gate = path('.mlops/ci/out/1/results/ml/late/.mlops/gate');
  rmSync(gate, { recursive: true });
  symlinkSync(path('secret'), gate);
  await collect(request);
  expect(printed.join('\n')).toMatch(/gate.json of job 1 is no plain file/);
  expect(read('ml/late/.mlops/gate/gate.json')).toBe('of 2');
});

it('notes the commit as the last green one of what was pushed', async () => {
  const { request, read, head, printed } = await bench();
  const jenkins = { JENKINS_URL: 'x', BRANCH_NAME: 'release' };
  await collect({ ...request, green: true, env: jenkins });
  await collect({ ...request, green: true, env: {} });
  const state = JSON.parse(read('.mlops/ci/state.json')) as object;
  expect(state).toMatchObject({
    green: { release: head, main: head },
    durations: { 'late:gate': { runs: 1 } },
  });
  await collect({ ...request, green: true, env: { ...jenkins, CHANGE_ID: '7', CHANGE_TARGET: 'next' } });
  expect(JSON.parse(read('.mlops/ci/state.json'))).toEqual(state);
  expect(printed.join('\n')).toMatch(/no push to a branch/);
});

it('of no jobs at all leaves no record of an earlier pipeline', async () => {
  const { request, path, printed, repository } = await bench();
  rmSync(path('.mlops/ci/out'), { recursive: true });
  repository.write('.mlops/ci/run.json', 'old');
  await collect(request);
  expect(existsSync(path('.mlops/ci/run.json'))).toBe(false);
  expect(printed).toEqual(['0 jobs (none): 0 tasks, 0 result files, 0 new cache entries.']);
});

it('keeps to the size of the cache', async () => {
  const { request, path } = await bench();
  mkdirSync(dirname(path('.mlops/ci/cache/trusted/000')), { recursive: true });
  writeFileSync(path('.mlops/ci/cache/trusted/000'), 'long unused');
  await collect({ ...request, maxCacheBytes: 20 });
  expect(readdirSync(path('.mlops/ci/cache/trusted'))).toEqual(['111', '222']);
});
