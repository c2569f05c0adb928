import type { MetricName } from '../../config/metrics';
import type { Interval, Intervals } from '../../manifest/evaluation';
import { normalQuantile } from '../distributions/normal';
import type { Sample } from '../sample';
import { bootstrapValues, quantileOfSorted } from './bootstrap';
import { deLongInterval } from './delong';
import { jackknifeStandardError } from './jackknife';
import { isMedian } from './median-by-weight';
import { medianInterval } from './median-interval';
import { sampleMetrics } from './sample-metrics';
import { meanMetric } from './sum-metric';
import { unitsOf } from './units';
import { ownValue, type Entries, type WeightedMetric } from './weighted-metric';
import { wilsonInterval } from './wilson-interval';

export interface IntervalOptions {
  /** Such as 0.95. */
  readonly confidence: number;
  /** Of the bootstrap. */
  readonly seed?: number;
}

/** Up to so many rows or groups the bootstrap is affordable; beyond, the jackknife covers as well. */
export const BOOTSTRAP_LIMIT = 2_000;

/**
 * Confidence intervals of the named metrics over rows, or over groups where the sample has them:
 *
 * - Wilson's for shares of rows that count alike and are independent;
 * - DeLong's for the area under the ROC curve of such rows, with at least 10 of each class;
 * - order statistics for the median of absolute errors;
 * - else the bootstrap's percentiles up to 2,000 rows or groups, and the jackknife beyond.
 *
 * The calibration error has none: noise alone raises it, in each replicate once more, so that its percentiles may miss
 * the value itself.
 *
 * @param sample one that `measureSample` takes
 * @returns by name; no entry where there is none, such as for the largest error, or where the metric is not defined
 * @throws MlopsError MLOPS_METRIC_UNFIT
 */
export function metricIntervals(
  sample: Sample,
  names: readonly MetricName[],
  options: IntervalOptions,
): Intervals {
  const { entries, metric } = sampleMetrics(sample);
  const asked = names.flatMap((name): Asked[] => {
    const found = metric(name);
    if (found === undefined || name === 'ece') return [];
    const interval = closedInterval(sample, found, entries, options.confidence);
    return [{ name, metric: found, ...(interval === undefined ? {} : { interval }) }];
  });
  return intervalsOf(asked, entries, options);
}

/** Interval of the mean of a metric that a script wrote for each row, over rows or groups. */
export function meanInterval(
  values: Float64Array,
  options: IntervalOptions & { readonly groups?: Uint32Array; readonly weights?: Float64Array },
): Intervals[string] | undefined {
  const { groups, weights } = options;
  const entries = {
    count: values.length,
    ...(weights === undefined ? {} : { weights }),
    ...(groups === undefined ? {} : { groups }),
  };
  const metric = meanMetric(values, [-Infinity, Infinity]);
  return intervalsOf([{ name: 'mean', metric }], entries, options)['mean'];
}

interface Asked {
  readonly name: string;
  readonly metric: WeightedMetric;
  /** Where a formula of this metric gives it. */
  readonly interval?: Interval;
}

function closedInterval(
  sample: Sample,
  metric: WeightedMetric,
  entries: Entries,
  confidence: number,
): Interval | undefined {
  if (isMedian(metric)) return medianInterval(metric, entries, confidence);
  if (entries.weights !== undefined || entries.groups !== undefined) return undefined;
  const proportion = metric.proportion?.();
  if (proportion !== undefined && proportion.trials > 0) return wilsonInterval(proportion, confidence);
  if (sample.task !== 'binary-classification' || metric.isRocAuc !== true) return undefined;
  return deLongInterval(metric, sample.labels, confidence);
}

function intervalsOf(
  asked: readonly Asked[],
  entries: Entries,
  { confidence, seed }: IntervalOptions,
): Intervals {
  const open = asked.filter(
    ({ metric, interval }) => interval === undefined && ownValue(metric, entries) !== null,
  );
  const units = unitsOf(entries).count;
  const found = new Map<string, Interval>();
  for (const { name, interval } of asked) if (interval !== undefined) found.set(name, interval);
  if (units >= 2 && units <= BOOTSTRAP_LIMIT && open.length > 0) {
    const replicates = bootstrapValues(
      open.map(({ metric }) => metric),
      entries,
      seed,
    );
    open.forEach(({ name, metric }, at) => {
      const values = replicates[at];
      if (values !== undefined)
        found.set(name, percentileInterval(values, ownValue(metric, entries) as number, confidence));
    });
  } else if (units > BOOTSTRAP_LIMIT) {
    for (const { name, metric } of open) found.set(name, jackknifeInterval(metric, entries, confidence));
  }
  return Object.fromEntries(
    asked.flatMap(({ name }) => {
      const interval = found.get(name);
      return interval === undefined ? [] : [[name, interval] as const];
    }),
  );
}

/** @param values sorted; the interval is widened to the metric's own value where a skew leaves it out */
function percentileInterval(values: Float64Array, value: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: Math.min(value, quantileOfSorted(values, tail)),
    high: Math.max(value, quantileOfSorted(values, 1 - tail)),
    method: 'bootstrap',
  };
}

function jackknifeInterval(metric: WeightedMetric, entries: Entries, confidence: number): Interval {
  const value = ownValue(metric, entries) as number;
  const reach = normalQuantile(0.5 + confidence / 2) * jackknifeStandardError(metric, entries);
  const [smallest, largest] = metric.range;
  return {
    low: Math.max(smallest, value - reach),
    high: Math.min(largest, value + reach),
    method: 'jackknife',
  };
}
