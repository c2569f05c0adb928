import {
  type metricDefinitions,
  metricsOfTask,
  parseMetric,
  type MetricBase,
  type MetricName,
  type Task,
} from '../config/metrics';
import { MlopsError } from '../errors/mlops-error';
import type { MetricValues } from '../manifest/evaluation';

type MetricOf<Kind extends Task> = {
  [Base in MetricBase]: Kind extends (typeof metricDefinitions)[Base]['tasks'][number] ? Base : never;
}[MetricBase];

/**
 * How each metric of a task is computed, by what `metricDefinitions` calls it; nothing is until it is asked for. Those
 * with a cutoff are given it.
 */
export type MetricFunctions<Kind extends Task> = Readonly<
  Record<MetricOf<Kind>, (cutoff: number) => number | null>
>;

/**
 * @returns the values by name, in the order of the names
 * @throws MlopsError MLOPS_METRIC_UNFIT for a metric that the task does not have
 */
export function measure<Kind extends Task>(
  functions: MetricFunctions<Kind>,
  names: readonly MetricName[],
  task: Kind,
): MetricValues {
  const byBase: Partial<Record<MetricBase, (cutoff: number) => number | null>> = functions;
  const entries = names.map((name) => {
    const { base, cutoff = 0 } = parseMetric(name) ?? {};
    const compute = base === undefined ? undefined : byBase[base];
    if (compute === undefined) {
      throw new MlopsError(
        'MLOPS_METRIC_UNFIT',
        `"${name}" is no metric of ${task}. Its metrics: ${metricsOfTask(task).join(', ')}.`,
      );
    }
    return [name, compute(cutoff)] as const;
  });
  return Object.fromEntries(entries);
}

/** Computes a value when it is first asked for, and once. */
export function once<Value>(compute: () => Value): () => Value {
  let cell: { readonly value: Value } | undefined;
  return () => (cell ??= { value: compute() }).value;
}
