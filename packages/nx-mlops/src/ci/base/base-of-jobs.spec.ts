import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { writeJobIndex } from '../job-index';
import { baseOfJobs } from './base-of-jobs';

describe('the base of the jobs of a pipeline', () => {
  const workspaceWith = async (jobs: readonly (readonly [job: string, head: string, base: string])[]) => {
    const workspaceRoot = tmp.dirSync({ unsafeCleanup: true }).name;
    for (const [job, head, base] of jobs) {
      const folder = join(workspaceRoot, '.mlops/ci/out', job);
      mkdirSync(folder, { recursive: true });
      await writeJobIndex(folder, { job, head, base, exitCode: 0 });
    }
    return workspaceRoot;
  };

  it.each([
    ['one job', [['1', 'head', 'base']], 'base'],
    [
      'shards that agree',
      [
        ['1', 'head', 'base'],
        ['2', 'head', 'base'],
      ],
      'base',
    ],
    [
      'jobs that do not agree',
      [
        ['1', 'head', 'base'],
        ['2', 'head', 'other'],
      ],
      undefined,
    ],
    [
      'a job of another pipeline beside it',
      [
        ['1', 'head', 'base'],
        ['2', 'former', 'other'],
      ],
      'base',
    ],
    ['jobs of another pipeline alone', [['1', 'former', 'base']], undefined],
    ['no job', [], undefined],
  ] as const)('of %s', async (_what, jobs, expected) => {
    expect(await baseOfJobs(await workspaceWith(jobs), 'head')).toBe(expected);
  });

  it('passes over what is no job', async () => {
    const workspaceRoot = await workspaceWith([['1', 'head', 'base']]);
    mkdirSync(join(workspaceRoot, '.mlops/ci/out/2'));
    writeFileSync(join(workspaceRoot, '.mlops/ci/out/2/job.json'), '{');
    expect(await baseOfJobs(workspaceRoot, 'head')).toBe('base');
  });
});
