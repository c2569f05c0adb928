import type { NxRun } from '../../reporting/workspace/run-information';

type Task = NxRun['tasks'][number];

/**
 * What the jobs of a pipeline did, as one run. A task that several jobs needed counts once: where it failed, else where it
 * really ran, else as the first has it.
 *
 * @returns undefined for no runs
 */
export function mergeRuns(runs: readonly NxRun[]): NxRun | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const tasks = new Map<string, Task>();
  for (const task of runs.flatMap((run) => run.tasks)) {
    const known = tasks.get(task.taskId);
    if (known === undefined || tells(task) > tells(known)) tasks.set(task.taskId, task);
  }
  const times = (key: 'startTime' | 'endTime') => runs.map(({ run }) => run[key]).sort(byTime);
  return {
    run: {
      command: first.run.command,
      startTime: times('startTime')[0] as string,
      endTime: times('endTime').at(-1) as string,
    },
    tasks: [...tasks.values()],
  };
}

/** How much the outcome of a task tells. */
function tells({ status, cacheStatus }: Task): number {
  if (status !== 0) return 2;
  return cacheStatus === 'cache-miss' ? 1 : 0;
}

/** Zones may differ between machines. */
function byTime(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
