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

/** Fewer rows on either side are too few for a normal approximation. */
const leastRows = 30;
/**
 * Rows of the rest that it is measured on, at most: beyond, the noise of the slice is what counts, and a hundred slices of
 * millions of rows would each be measured a hundred times.
 */
const mostRestRows = 10_000;

/**
 * Two-sided p of a slice having the same metric as the other rows. The two are different rows, so their estimates are
 * independent (as long as no group of `groupBy` lies in both), and the variance of the difference is the sum of both:
 * z = (slice - rest) / sqrt(seSlice^2 + seRest^2). Each standard error is that of its interval, half its width over the
 * quantile. Of more than 10,000 other rows a part is taken, the same each time, whole groups and queries only. An
 * approximation for exploration; a gate on a slice judges the slice's own interval.
 *
 * @returns undefined where there are fewer than 30 rows on either side or no interval
 */
export function differenceFromRest(
  sample: Sample,
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
  const rest = takeRows(sample, restRows(sample, slice.column, slice.code, others));
  const restValue = measureSample(rest, [metric])[metric];
  const restInterval = metricIntervals(rest, [metric], { confidence })[metric];
  if (typeof restValue !== 'number' || restInterval === undefined) return undefined;
  const standardError = Math.hypot(errorOf(interval, confidence), errorOf(restInterval, confidence));
  if (!(standardError > 0)) return undefined;
  return Math.min(1, 2 * normalCdf(-Math.abs(value - restValue) / standardError));
}

function errorOf({ low, high }: Interval, confidence: number): number {
  return (high - low) / 2 / normalQuantile(1 - (1 - confidence) / 2);
}

function restRows(sample: Sample, { codes }: CodedColumn, code: number, others: number): Uint32Array {
  const limit = Math.min(1, mostRestRows / others) * 2 ** 32;
  const together = sample.groups ?? (sample.task === 'ranking' ? sample.queries : undefined);
  const rows: number[] = [];
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] === code) continue;
    if (limit < 2 ** 32 && scramble(together?.[row] ?? row) >= limit) continue;
    rows.push(row);
  }
  return Uint32Array.from(rows);
}

/**
 * A number below 2^32 for each number below 2^32, without pattern.
 *
 * Source: the finaliser of MurmurHash3, A. Appleby, 2011.
 */
function scramble(value: number): number {
  let bits = value ^ 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
