import {
  benjaminiHochberg,
  measureSample,
  metricIntervals,
  takeRows,
  type MetricName,
  type Sample,
  type SliceResult,
} from '@nx-mlops/core';
import { rowsByValue } from './coded-column';
import { differenceFromRest } from './difference-from-rest';
import type { SliceColumn } from './slice-columns';

/** Of the slices: all metrics with their intervals, and for exploration whether the first one differs from the rest. */
export function sliceResults(
  sample: Sample,
  columns: readonly SliceColumn[],
  { names, confidence }: { readonly names: readonly MetricName[]; readonly confidence: number },
): SliceResult[] {
  const [explored] = names;
  const results: SliceResult[] = [];
  const ps: { readonly result: SliceResult; readonly p: number }[] = [];
  for (const column of columns) {
    for (const [code, rows] of rowsByValue(column).entries()) {
      const part = takeRows(sample, rows);
      const result: SliceResult = {
        column: column.name,
        kind: column.kind === 'fairness' ? 'declared' : column.kind,
        value: column.values[code] ?? null,
        rows: rows.length,
        metrics: measureSample(part, names),
        intervals: metricIntervals(part, names, { confidence }),
      };
      results.push(result);
      if (explored === undefined) continue;
      const p = differenceFromRest(sample, { column, code, rows: rows.length, result }, explored, confidence);
      if (p !== undefined) ps.push({ result, p });
    }
  }
  for (const [index, adjusted] of benjaminiHochberg(ps.map(({ p }) => p)).entries()) {
    const { result } = ps[index] as (typeof ps)[number];
    result.adjustedP = { [explored as MetricName]: adjusted };
  }
  return results;
}
