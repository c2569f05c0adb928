import type { NxRun } from '../../reporting/workspace/run-information';
import { mergeRuns } from './merge-runs';

function run(startTime: string, endTime: string, ...tasks: [string, string, number][]): NxRun {
  return {
    run: { command: 'nx affected', startTime, endTime },
    tasks: tasks.map(([taskId, cacheStatus, status]) => ({
      taskId,
      ...{ target: 'x', projectName: 'y', cacheStatus, status },
    })),
  };
}

it('is as long as from the first beginning to the last end', () => {
  const merged = mergeRuns([
    run('2026-11-29T10:00:05Z', '2026-11-29T10:00:09Z'),
    run('2026-11-29T11:00:02+01:00', '2026-11-29T11:00:07+01:00'),
  ]);
  expect(merged?.run).toMatchObject({
    startTime: '2026-11-29T11:00:02+01:00',
    endTime: '2026-11-29T10:00:09Z',
  });
});

it('has a task that several jobs needed once, as it tells the most', () => {
  const at = ['2026-11-29T10:00:00Z', '2026-11-29T10:00:01Z'] as const;
  const merged = mergeRuns([
    run(
      ...at,
      ['d:prepare', 'remote-cache-hit', 0],
      ['a:train', 'cache-miss', 0],
      ['a:gate', 'cache-miss', 0],
    ),
    run(...at, ['d:prepare', 'cache-miss', 0], ['a:train', 'local-cache', 0], ['a:gate', 'cache-miss', 1]),
  ]);
  expect(merged?.tasks.map(({ taskId, cacheStatus, status }) => [taskId, cacheStatus, status])).toEqual([
    ['d:prepare', 'cache-miss', 0],
    ['a:train', 'cache-miss', 0],
    ['a:gate', 'cache-miss', 1],
  ]);
});

it('is nothing of no jobs', () => {
  expect(mergeRuns([])).toBeUndefined();
});
