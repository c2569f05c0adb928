import type { GraphTask } from './task-graph';

/** How long a task took in former runs, by its id. */
export type RecordedDurations = ReadonlyMap<string, { readonly seconds: number }>;

/** By executor, what a task is taken to last that no record tells of, s. Rough: only their proportions matter. */
const byExecutor: Readonly<Record<string, number>> = {
  'nx-mlops:train': 300,
  'nx-mlops:prepare': 60,
  'nx-mlops:validate': 20,
  'nx-mlops:evaluate': 20,
  'nx-mlops:gate': 5,
  'nx-mlops:deploy': 5,
};

/** By target name, of tasks with other executors, s. */
const byTarget: Readonly<Record<string, number>> = { build: 30, test: 30, lint: 10, typecheck: 15, e2e: 300 };

const OTHERWISE = 15;

/** How long tasks are expected to take, s. */
export type Estimate = (task: Pick<GraphTask, 'id' | 'target' | 'executor'>) => number;

/**
 * What a task took before; without a record the median of what its target takes elsewhere; without any a fixed time for
 * its kind.
 */
export function estimateFrom(recorded: RecordedDurations): Estimate {
  const byTargetName = new Map<string, number[]>();
  for (const [id, { seconds }] of recorded) {
    const target = targetOf(id);
    byTargetName.set(target, [...(byTargetName.get(target) ?? []), seconds]);
  }
  const medians = new Map([...byTargetName].map(([target, all]) => [target, median(all)]));
  return ({ id, target, executor }) =>
    recorded.get(id)?.seconds ??
    medians.get(target) ??
    byExecutor[executor ?? ''] ??
    byTarget[target] ??
    OTHERWISE;
}

/** `late:train:fast` is of the target train: the name of a project holds no colon. */
function targetOf(taskId: string): string {
  return taskId.split(':')[1] ?? taskId;
}

/** @param values one at least */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
