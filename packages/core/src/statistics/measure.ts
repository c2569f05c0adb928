import { MlopsError } from '../errors/mlops-error';
import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';

/** How each metric of a task is computed; nothing is until it is asked for. */
export type MetricFunctions = Partial<Record<MetricName, () => number | null>>;

/**
 * @returns the values by name, in the order of the names
 * @throws MlopsError MLOPS_METRIC_UNFIT for a metric that the task does not have
 */
export function measure(
  functions: MetricFunctions,
  names: readonly MetricName[],
  task: string,
): MetricValues {
  const entries = names.map((name) => {
    const compute = functions[name];
    if (compute === undefined) {
      throw new MlopsError(
        'MLOPS_METRIC_UNFIT',
        `"${name}" is no metric of ${task}. Its metrics: ${Object.keys(functions).join(', ')}.`,
      );
    }
    return [name, compute()] as const;
  });
  return Object.fromEntries(entries);
}

/** Computes a value when it is first asked for, and once. */
export function once<Value>(compute: () => Value): () => Value {
  let cell: { readonly value: Value } | undefined;
  return () => (cell ??= { value: compute() }).value;
}
