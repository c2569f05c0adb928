import {
  measureSample,
  metricIntervals,
  normalCdf,
  normalQuantile,
  rowsOf,
  takeRows,
  type Interval,
  type MetricName,
  type Sample,
  type SliceResult,
} from '@nx-mlops/core';
import type { CodedColumn } from './coded-column';
import type { RestSampler } from './rest-sampler';

/** Fewer rows on either side are too few for a normal approximation. */
const leastRows = 30;

/**
 * Two-sided p of a slice having the same metric as the other rows. The two are different rows, so their estimates are
 * independent (as long as no group of `groupBy` lies in both), and the variance of the difference is the sum of both:
 * z = (slice - rest) / sqrt(seSlice^2 + seRest^2). Each standard error is that of its interval, half its width over the
 * quantile. Of more than 10,000 other rows a part is taken, the same each time, whole groups and queries only. An
 * approximation for exploration; a gate on a slice judges the slice's own interval.
 *
 * @param rest of the sample
 * @returns undefined where there are fewer than 30 rows on either side or no interval
 */
export function differenceFromRest(
  sample: Sample,
  rest: RestSampler,
  slice: {
    readonly column: CodedColumn;
    readonly code: number;
    readonly rows: number;
    readonly result: Pick<SliceResult, 'metrics' | 'intervals'>;
  },
  metric: MetricName,
  confidence: number,
): number | undefined {
  const others = rowsOf(sample) - slice.rows;
  const value = slice.result.metrics[metric];
  const interval = slice.result.intervals[metric];
  if (slice.rows < leastRows || others < leastRows || typeof value !== 'number' || interval === undefined) {
    return undefined;
  }
  const restSample = takeRows(sample, rest(slice.column.codes, slice.code, others));
  const restValue = measureSample(restSample, [metric])[metric];
  const restInterval = metricIntervals(restSample, [metric], { confidence })[metric];
  if (typeof restValue !== 'number' || restInterval === undefined) return undefined;
  const standardError = Math.hypot(errorOf(interval, confidence), errorOf(restInterval, confidence));
  if (!(standardError > 0)) return undefined;
  return Math.min(1, 2 * normalCdf(-Math.abs(value - restValue) / standardError));
}

function errorOf({ low, high }: Interval, confidence: number): number {
  return (high - low) / 2 / normalQuantile(1 - (1 - confidence) / 2);
}
