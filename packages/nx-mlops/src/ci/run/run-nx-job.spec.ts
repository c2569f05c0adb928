import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceWithNx } from '../../processes/nx-workspace.fixture';
import { readJobIndex } from '../job-index';
import type { ResultProject } from './gather-results';
import { runNxJob, writeIdleJob, type NxJobRequest } from './run-nx-job';

// Each starts processes.
jest.setTimeout(60_000);

/** An nx that asks the cache for an entry, makes another, writes results and its record, and ends as FAKE_EXIT says. */
const nx = `
const fs = require('node:fs');
const path = require('node:path');
const write = (file, text) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); };
const { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token } = process.env;
const call = async (method, hash, body) => {
  if (!server) return console.log('no server');
  const headers = { authorization: 'Bearer ' + token };
  const response = await fetch(server + '/v1/cache/' + hash, { method, body, headers });
  console.log(method, hash, response.status);
};
(async () => {
  console.log('args', JSON.stringify(process.argv.slice(2)));
  if (process.env.FAKE_HANG) {
    process.on('SIGTERM', () => { console.log('told to stop'); process.exit(1); });
    setInterval(() => {}, 1000);
    console.log('hanging');
    return;
  }
  await call('GET', '111');
  await call('PUT', '222', 'an entry');
  const time = new Date().toISOString();
  const task = (taskId, status = 0, cacheStatus = 'cache-miss') => {
    const [projectName, target] = taskId.split(':');
    return { taskId, target, projectName, hash: '1', startTime: time, endTime: time, params: '', cacheStatus, status };
  };
  write('ml/late/.mlops/gate/gate.json', 'fails');
  write('ml/late/.mlops/model/model.onnx', 'weights');
  write('ml/late/.mlops/model/model.manifest.json', '{}');
  write('dist/reports/late/junit.xml', '<x/>');
  if (process.env.FAKE_TASKS !== 'none') write(process.env.NX_CACHE_DIRECTORY + '/run.json', JSON.stringify({
    run: { command: 'nx affected', startTime: time, endTime: time, inner: false },
    tasks: [task('late:train'), task('late:judge', 1), task('old:evaluate', 1), task('app:test')],
  }));
  process.exit(Number(process.env.FAKE_EXIT ?? 0));
})();
`;
const projects = new Map<string, ResultProject>([
  ['late', { root: 'ml/late', targets: { train: 'train', gate: 'judge' } }],
  ['old', { root: 'ml/old', targets: { evaluate: 'evaluate', gate: 'gate' } }],
  ['app', { root: 'app', targets: {} }],
]);

function write(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** A job whose entry 111 is in the cache, with leftovers of an earlier run. */
function bench(env: NodeJS.ProcessEnv = {}, more: Partial<NxJobRequest> = {}) {
  const workspaceRoot = workspaceWithNx(nx);
  write(workspaceRoot, '.mlops/ci/cache/trusted/111', 'known');
  write(workspaceRoot, '.mlops/ci/cache/trusted/333', 'unused');
  write(workspaceRoot, '.mlops/ci/out/check/old.txt', 'of an earlier run');
  write(workspaceRoot, 'ml/old/.mlops/gate/gate.json', 'of an earlier run');
  write(workspaceRoot, 'ml/old/.mlops/evaluation/evaluation.json', 'of an earlier run');
  write(workspaceRoot, 'dist/reports/old/junit.xml', 'of an earlier run');
  const printed: string[] = [];
  const request: NxJobRequest = {
    workspaceRoot,
    job: 'check',
    nxArgs: ['affected', '-t', 'gate', '--exclude=a project'],
    ...{ base: 'b', head: 'h', results: ['dist/reports/**/junit.xml'] },
    env: { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true', ...env },
    nxCacheFolder: () => join(workspaceRoot, '.nx'),
    readProjects: () => Promise.resolve(projects),
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    ...more,
  };
  const out = join(workspaceRoot, '.mlops/ci/out', request.job);
  return { request, printed, workspaceRoot, out };
}

/** What lies there was made some time ago. */
const aWhile = () => sleep(1_200);

it('hands on what nx did, its results and the entries that it used, with the exit code', async () => {
  const { request, printed, out, workspaceRoot } = bench({ FAKE_EXIT: '3' });
  await aWhile();
  const { exitCode, run } = await runNxJob(request);
  expect(exitCode).toBe(3);
  expect(run?.tasks).toHaveLength(4);
  expect(printed).toContain("> nx affected -t gate '--exclude=a project'");
  expect(printed).toEqual(expect.arrayContaining(['GET 111 200', 'PUT 222 200']));

  const index = await readJobIndex(out);
  expect(index).toMatchObject({ job: 'check', base: 'b', head: 'h', exitCode: 3 });
  expect(index?.files.map(({ path }) => path)).toEqual([
    'entries/111',
    'entries/222',
    'results/dist/reports/late/junit.xml',
    'results/ml/late/.mlops/gate/gate.json',
    'results/ml/late/.mlops/model/model.manifest.json',
    'run.json',
  ]);
  expect(readFileSync(join(out, 'entries/222'), 'utf8')).toBe('an entry');
  expect(statSync(join(out, 'entries/222')).ino).toBe(
    statSync(join(workspaceRoot, '.mlops/ci/cache/trusted/222')).ino,
  );
  expect(existsSync(join(out, 'old.txt'))).toBe(false);
});

it('has no record and no results where no task ran, whatever lies there', async () => {
  const { request, out } = bench({ FAKE_TASKS: 'none' });
  expect(await runNxJob(request)).toEqual({ exitCode: 0, run: undefined });
  expect(readdirSync(out).sort()).toEqual(['entries', 'job.json']);
});

it('on a laptop leaves Nx its own folders, and an old record is none', async () => {
  const { request, workspaceRoot } = bench({ GITHUB_ACTIONS: '', FAKE_TASKS: 'none' });
  write(workspaceRoot, '.nx/run.json', '{"run":{"command":"","startTime":"","endTime":""},"tasks":[]}');
  expect((await runNxJob(request)).run).toBeUndefined();
  expect(existsSync(join(workspaceRoot, '.mlops/ci/nx'))).toBe(false);
});

it('asks a server that is set, and leaves it out where it does not answer', async () => {
  const { request, printed } = bench({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:9' });
  await runNxJob(request);
  expect(printed.join('\n')).toMatch(/Warning: the cache server .* is left out[^]*GET 111 200/);

  const server = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = bench({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url });
    await runNxJob(other.request);
    expect(other.printed).toContain('GET 111 404');
    expect(existsSync(join(other.out, 'entries'))).toBe(false);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('leaves the cache to Nx Cloud', async () => {
  const { request, printed, workspaceRoot } = bench({ NX_CACHE_DIRECTORY: 'a folder' });
  write(workspaceRoot, 'nx.json', '{ /* ours */ "nxCloudId": "x" }');
  await runNxJob(request);
  expect(printed).toEqual(expect.arrayContaining(['Cache: Nx Cloud.', 'no server']));
});

it('keeps to the size of the cache: the longest unused go', async () => {
  const { request, workspaceRoot } = bench({}, { maxCacheBytes: 15 });
  utimesSync(join(workspaceRoot, '.mlops/ci/cache/trusted/333'), 1, 1);
  await runNxJob(request);
  expect(readdirSync(join(workspaceRoot, '.mlops/ci/cache/trusted'))).toEqual(['111', '222']);
});

it('hands on no link', async () => {
  const { request, workspaceRoot, out } = bench();
  write(workspaceRoot, 'secret.txt', 'secret');
  mkdirSync(join(workspaceRoot, 'ml/late/.mlops/model'), { recursive: true });
  symlinkSync(join(workspaceRoot, 'secret.txt'), join(workspaceRoot, 'ml/late/.mlops/model/notes.txt'));
  await runNxJob(request);
  expect(existsSync(join(out, 'results/ml/late/.mlops/model/notes.txt'))).toBe(false);
});

it('that is stopped ends nx, and still says what it did', async () => {
  const controller = new AbortController();
  const { request, printed, out } = bench({ FAKE_HANG: '1' }, { signal: controller.signal });
  const ended = runNxJob(request);
  while (!printed.includes('hanging')) await sleep(20);
  controller.abort(new Error('Stopped by SIGINT.'));
  expect(await ended).toMatchObject({ exitCode: 130 });
  expect(await readJobIndex(out)).toMatchObject({ exitCode: 130 });
});

it('that cannot read the projects is as good as its tasks, with a warning', async () => {
  const { request, printed } = bench({}, { readProjects: () => Promise.reject(new Error('no graph')) });
  expect((await runNxJob(request)).exitCode).toBe(0);
  expect(printed.join('\n')).toMatch(/Warning: not all results are handed on: no graph/);
});

it.each(['..', 'a/b', '.x', ''])('refuses a job "%s"', async (job) => {
  const { request } = bench();
  await expect(runNxJob({ ...request, job })).rejects.toMatchObject({ code: 'MLOPS_USAGE' });
  await expect(writeIdleJob({ ...request, job })).rejects.toMatchObject({ code: 'MLOPS_USAGE' });
});
