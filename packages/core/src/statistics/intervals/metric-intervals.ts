import type { MetricName } from '../../config/metrics';
import type { Interval, Intervals } from '../../manifest/evaluation';
import { normalQuantile } from '../distributions/normal';
import { studentTQuantile } from '../distributions/student-t';
import type { RankedScores } from '../ranked-scores';
import type { Sample } from '../sample';
import { classCounts, deLongStandardError } from './delong';
import { jackknifeStandardError } from './jackknife';
import { isMedian } from './median-by-weight';
import { medianInterval } from './median-interval';
import { sampleMetrics } from './sample-metrics';
import { meanMetric } from './sum-metric';
import { transformedInterval } from './transformed-interval';
import { unitCount } from './units';
import { ownValue, type Entries, type WeightedMetric } from './weighted-metric';
import { wilsonInterval } from './wilson-interval';

export interface IntervalOptions {
  /** Such as 0.95. */
  readonly confidence: number;
  /** Of a binary sample without weights, where its ranking is there already. */
  readonly ranked?: RankedScores;
}

/**
 * Confidence intervals of the named metrics over rows, or over groups where the sample has them:
 *
 * - Wilson's for shares of rows that count alike and are independent;
 * - DeLong's for the area under the ROC curve of such rows, on the logit scale;
 * - order statistics for the median of absolute errors;
 * - else the jackknife, with Student's t for few rows or groups, on the scale that fits the metric's range.
 *
 * Where these say nothing, since no row departs from the others, such as of a perfect classification, the bootstrap
 * would not either: there a share has Wilson's interval for as many successes as there are rows or groups, of rows in
 * two classes as the smaller one has; and a metric without a largest value has none.
 *
 * The calibration error has no interval: noise alone raises it, so the value itself is no estimate to put one around.
 *
 * @param sample one that `measureSample` takes
 * @returns by name; no entry where there is none, such as for the largest error, or where the metric is not defined
 * @throws MlopsError MLOPS_METRIC_UNFIT
 */
export function metricIntervals(
  sample: Sample,
  names: readonly MetricName[],
  { confidence, ranked }: IntervalOptions,
): Intervals {
  const { entries, metric } = sampleMetrics(sample, ranked);
  const units = unitCount(entries);
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = metric(name);
      if (found === undefined || name === 'ece') return [];
      // Of one row of a class nobody knows how the others would rank.
      if (found.isRocAuc === true && effectiveRows(sample, units) < 2) return [];
      const interval =
        closedInterval(sample, found, entries, confidence) ??
        jackknifeInterval(found, entries, units, confidence) ??
        borderInterval(sample, found, entries, units, confidence);
      return interval === undefined ? [] : [[name, interval] as const];
    }),
  );
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
  // What a script measures may lie anywhere, so no scale is better than its own.
  const metric = meanMetric(values, [-Infinity, Infinity]);
  return jackknifeInterval(metric, entries, unitCount(entries), options.confidence);
}

/** Where a formula of this metric gives it. */
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
  const value = ownValue(metric, entries);
  if (value === null) return undefined;
  const interval = transformedInterval(
    value,
    deLongStandardError(metric, sample.labels),
    normalQuantile(0.5 + confidence / 2),
    metric.range,
  );
  return interval && { ...interval, method: 'delong' };
}

function jackknifeInterval(
  metric: WeightedMetric,
  entries: Entries,
  units: number,
  confidence: number,
): Interval | undefined {
  const value = ownValue(metric, entries);
  if (value === null || units < 2) return undefined;
  const quantile = studentTQuantile(0.5 + confidence / 2, units - 1);
  const error = jackknifeStandardError(metric, entries);
  const interval = transformedInterval(value, error, quantile, metric.range);
  return interval && { ...interval, method: 'jackknife' };
}

/** Of a share that lies at 0 or 1, for which a standard error says nothing. */
function borderInterval(
  sample: Sample,
  metric: WeightedMetric,
  entries: Entries,
  units: number,
  confidence: number,
): Interval | undefined {
  const value = ownValue(metric, entries);
  const [smallest, largest] = metric.range;
  if (value === null || largest === Infinity || smallest === -Infinity) return undefined;
  // A correlation at 0 or a Brier score of all wrong rows is no share of successes.
  if (value < largest && value > smallest) return undefined;
  const trials = effectiveRows(sample, units);
  if (trials === 0) return undefined;
  const { low } = wilsonInterval({ successes: trials, trials }, confidence);
  const reach = (1 - low) * (largest - smallest);
  return {
    low: value >= largest ? largest - reach : smallest,
    high: value >= largest ? largest : smallest + reach,
    method: 'wilson',
  };
}

/** Rows or groups; of two classes the rows of the smaller one, if they are fewer. */
function effectiveRows(sample: Sample, units: number): number {
  if (sample.task !== 'binary-classification') return units;
  const { positives, negatives } = classCounts(sample.labels);
  return Math.min(units, positives, negatives);
}
