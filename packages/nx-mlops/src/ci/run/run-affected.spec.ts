import execa from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceWithNx } from '../../processes/nx-workspace.fixture';
import { EMPTY_TREE } from '../base/empty-tree';
import { readJobIndex } from '../job-index';
import { runAffected, type AffectedRequest } from './run-affected';

jest.setTimeout(60_000);

/** A commit with a plan of it, and an nx that prints its arguments. */
function bench(more: Partial<AffectedRequest> = {}, planned: { head?: string } = {}) {
  const workspaceRoot = workspaceWithNx('console.log(process.argv.slice(2).join(" "));');
  const git = (...args: string[]) => execa.sync('git', args, { cwd: workspaceRoot }).stdout;
  git('init', '-q', '-b', 'main');
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  git(...who, 'commit', '-q', '--allow-empty', '-m', 'First');
  const head = git('rev-parse', 'HEAD');
  mkdirSync(join(workspaceRoot, '.mlops/ci'), { recursive: true });
  const plan = {
    ...{ version: 1, base: EMPTY_TREE, head, targets: ['gate'], ...planned },
    ...{ makespan: 1, lowerBound: 1 },
    shards: [
      { name: '1', class: 'default', projects: ['a', 'b'], seconds: 1 },
      { name: '2', class: 'default', projects: ['c'], seconds: 1 },
      { name: '3', class: 'default', projects: [], seconds: 0 },
    ],
  };
  writeFileSync(join(workspaceRoot, '.mlops/ci/plan.json'), JSON.stringify(plan));
  const printed: string[] = [];
  const request: AffectedRequest = {
    workspaceRoot,
    env: { PATH: process.env['PATH'] },
    ...{ defaultBranch: 'main', defaultTargets: ['lint', 'test'], results: [] },
    nxCacheFolder: () => join(workspaceRoot, '.nx'),
    readProjects: () => Promise.resolve(new Map()),
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    ...more,
  };
  return { request, printed, head, workspaceRoot };
}

it('runs all that is affected, by the targets of mlops.json', async () => {
  const { request, printed, head, workspaceRoot } = bench({ all: true, configuration: 'ci' });
  expect(await runAffected(request)).toBe(0);
  expect(printed).toContain(`affected -t lint test --base=${EMPTY_TREE} --head=${head} --configuration=ci`);
  expect(await readJobIndex(join(workspaceRoot, '.mlops/ci/out/check'))).toMatchObject({
    base: EMPTY_TREE,
    head,
  });
});

it('runs a shard of the plan, by the targets of that', async () => {
  const { request, printed, head, workspaceRoot } = bench({ shard: '2' });
  expect(await runAffected(request)).toBe(0);
  expect(printed).toContain(`affected -t gate --base=${EMPTY_TREE} --head=${head} --exclude=a,b`);
  expect(await readJobIndex(join(workspaceRoot, '.mlops/ci/out/2'))).toMatchObject({ job: '2' });
});

it('is done at once with a shard that has no work, and hands that on', async () => {
  const { request, printed, workspaceRoot } = bench({ shard: '3', job: 'mine' });
  expect(await runAffected(request)).toBe(0);
  expect(printed).toEqual(['Shard 3 has no work.']);
  expect(await readJobIndex(join(workspaceRoot, '.mlops/ci/out/mine'))).toMatchObject({
    files: [],
    exitCode: 0,
  });
});

it('runs no plan of another commit, and none with a base besides', async () => {
  const stale = bench({ shard: '1' }, { head: 'f'.repeat(40) });
  await expect(runAffected(stale.request)).rejects.toMatchObject({ code: 'MLOPS_CI_PLAN' });
  await expect(runAffected(bench({ shard: '1', all: true }).request)).rejects.toMatchObject({
    code: 'MLOPS_USAGE',
  });
});
