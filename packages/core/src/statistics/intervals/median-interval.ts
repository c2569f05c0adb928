import { normalQuantile } from '../distributions/normal';
import type { Interval } from '../../manifest/evaluation';
import { jackknifeStandardError } from './jackknife';
import type { MedianMetric } from './median-by-weight';
import { shareMetric } from './sum-metric';
import { ownWeights, type Entries } from './weighted-metric';

/**
 * Interval of a median by order statistics: the share of the weight at or below it is 1/2 with the standard error of a
 * share, by rows or groups; the interval is where the distribution reaches the ends of that of the share.
 *
 * @returns undefined with fewer than two rows or groups
 * Source: R. Woodruff, Confidence intervals for medians and other position measures, Journal of the American Statistical
 *   Association 47, 1952.
 */
export function medianInterval(
  median: MedianMetric,
  entries: Entries,
  confidence: number,
): Interval | undefined {
  const own = ownWeights(entries);
  const value = median.valueAt(own);
  if (value === null) return undefined;
  const below = Float64Array.from(median.column, (each) => (each <= value ? 1 : 0));
  const error = jackknifeStandardError(shareMetric(below), entries);
  if (Number.isNaN(error)) return undefined;
  const reach = normalQuantile(0.5 + confidence / 2) * error;
  const quantile = median.quantilesAt(own);
  return {
    low: Math.min(value, quantile(0.5 - reach)),
    high: Math.max(value, quantile(0.5 + reach)),
    method: 'order-statistic',
  };
}
