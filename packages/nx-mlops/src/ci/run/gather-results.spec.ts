import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tmp from 'tmp';
import type { NxRun } from '../../reporting/workspace/run-information';
import { gatherResults, type ResultProject } from './gather-results';

tmp.setGracefulCleanup();

const projects = new Map<string, ResultProject>([
  ['late', { root: 'ml/late', targets: { train: 'train', gate: 'judge' } }],
  ['flights', { root: '.', targets: { validate: 'validate' } }],
]);

/** A workspace with results of an earlier run. */
async function bench() {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const write = (file: string, content: string | Buffer = 'x') => {
    mkdirSync(dirname(join(workspaceRoot, file)), { recursive: true });
    writeFileSync(join(workspaceRoot, file), content);
  };
  for (const file of [
    'model/model.manifest.json',
    'gate/gate.json',
    'gate/report.md',
    'evaluation/evaluation.json',
  ]) {
    write(`ml/late/.mlops/${file}`);
  }
  write('.mlops/validation/validation.json');
  write('dist/a/junit.xml');
  // More than the slack for the clock of the file system.
  await sleep(1_200);
  const startTime = new Date().toISOString();
  const gather = (tasks: [string, number][], globs: string[] = []) =>
    gatherResults({
      ...{ workspaceRoot, projects, globs },
      run: {
        run: { command: 'nx', startTime, endTime: startTime },
        tasks: tasks.map(([taskId, status]): NxRun['tasks'][number] => {
          const [projectName = '', target = ''] = taskId.split(':');
          return { taskId, projectName, target, startTime, cacheStatus: 'cache-miss', status };
        }),
      },
    });
  return { workspaceRoot, write, gather };
}

it('takes the folders of tasks that were good, by what they do, not by their name', async () => {
  const { gather } = await bench();
  expect((await gather([['late:judge', 0]])).paths).toEqual([
    'ml/late/.mlops/gate/gate.json',
    'ml/late/.mlops/gate/report.md',
  ]);
  expect((await gather([['flights:validate', 0]])).paths).toEqual(['.mlops/validation/validation.json']);
  expect(
    (
      await gather([
        ['late:gate', 0],
        ['other:judge', 0],
      ])
    ).paths,
  ).toEqual([]);
});

it('takes of a task that failed just what it wrote', async () => {
  const { gather, write } = await bench();
  write('ml/late/.mlops/gate/gate.json', 'fails');
  expect(
    (
      await gather([
        ['late:train', 1],
        ['late:judge', 1],
      ])
    ).paths,
  ).toEqual(['ml/late/.mlops/gate/gate.json']);
});

it('takes of the files that are named what was written in this run', async () => {
  const { gather, write } = await bench();
  write('dist/b/junit.xml');
  write('node_modules/b/dist/junit.xml');
  expect((await gather([], ['**/junit.xml'])).paths).toEqual(['dist/b/junit.xml']);
});

it('leaves out models and what is too big, and says the latter', async () => {
  const { gather, write } = await bench();
  write('ml/late/.mlops/model/model.onnx');
  write('ml/late/.mlops/model/big.json', Buffer.alloc(10_000_001));
  expect(await gather([['late:train', 0]])).toEqual({
    paths: ['ml/late/.mlops/model/model.manifest.json'],
    tooBig: ['ml/late/.mlops/model/big.json'],
  });
});

it('writes nothing', async () => {
  const { workspaceRoot, gather } = await bench();
  const before = readdirSync(workspaceRoot, { recursive: true });
  await gather([['late:judge', 0]], ['**/*.xml']);
  expect(readdirSync(workspaceRoot, { recursive: true })).toEqual(before);
});
