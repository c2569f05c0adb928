import type { MetricName } from '../../config/metrics';
import type { Intervals } from '../../manifest/evaluation';
import type { Sample } from '../sample';

export interface IntervalOptions {
  /** Such as 0.95. */
  readonly confidence: number;
  /** Of the bootstrap. */
  readonly seed?: number;
}

/**
 * Confidence intervals of the named metrics over rows, or over groups where the sample has them.
 *
 * @returns by name; no entry where there is none, such as for the largest error, or where the metric is not defined
 */
export function metricIntervals(
  sample: Sample,
  names: readonly MetricName[],
  options: IntervalOptions,
): Intervals {
  throw new Error(`contract only: ${sample.task} ${names.join()} ${options.confidence}`);
}

/** Interval of the mean of a metric that a script wrote for each row, over rows or groups. */
export function meanInterval(
  values: Float64Array,
  options: IntervalOptions & { readonly groups?: Uint32Array; readonly weights?: Float64Array },
): Intervals[string] | undefined {
  throw new Error(`contract only: ${values.length} ${options.confidence}`);
}
