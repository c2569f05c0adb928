import {
  measureSample,
  metricIntervals,
  rankParts,
  takeRows,
  type MetricName,
  type Sample,
  type SliceResult,
  type SortedRows,
} from '@nx-mlops/core';
import { rowsByValue } from './coded-column';
import { differenceFromRest } from './difference-from-rest';
import { restSampler } from './rest-sampler';
import type { SliceColumn } from './slice-columns';

/** A sample and what to measure of its slices: plain values, which go to another thread. */
export interface SlicedSample {
  readonly sample: Sample;
  readonly names: readonly MetricName[];
  /** Of the intervals, such as 0.95. */
  readonly confidence: number;
  /** The rows of a binary sample without weights, where they are sorted already. */
  readonly sorted?: SortedRows;
}

export interface SliceMeasurement {
  readonly result: SliceResult;
  /** Of the first metric being the same as in the rest; absent where that cannot be told. */
  readonly p?: number;
}

/** Measures the slices of one column after the other, all metrics with their intervals. */
export function columnMeasurer({
  sample,
  names,
  confidence,
  sorted,
}: SlicedSample): (column: SliceColumn) => SliceMeasurement[] {
  const [explored] = names;
  const rest = restSampler(sample);
  return (column) => {
    const rankings = sorted && rankParts(sorted, column.codes, column.values.length);
    return rowsByValue(column).map((rows, code) => {
      const part = takeRows(sample, rows);
      const ranked = rankings?.[code];
      const result: SliceResult = {
        column: column.name,
        kind: column.kind === 'fairness' ? 'declared' : column.kind,
        value: column.values[code] ?? null,
        rows: rows.length,
        metrics: measureSample(part, names, ranked),
        intervals: metricIntervals(part, names, { confidence, ...(ranked && { ranked }) }),
      };
      if (explored === undefined) return { result };
      const slice = { column, code, rows: rows.length, result };
      const p = differenceFromRest(sample, rest, slice, explored, confidence);
      return p === undefined ? { result } : { result, p };
    });
  };
}
