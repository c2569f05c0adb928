import {
  benjaminiHochberg,
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

/**
 * Of the slices: all metrics with their intervals, and for exploration whether the first one differs from the rest.
 *
 * @param sorted the rows of a binary sample without weights, where they are sorted already
 */
export function sliceResults(
  sample: Sample,
  columns: readonly SliceColumn[],
  {
    names,
    confidence,
    sorted,
  }: { readonly names: readonly MetricName[]; readonly confidence: number; readonly sorted?: SortedRows },
): SliceResult[] {
  const [explored] = names;
  const results: SliceResult[] = [];
  const ps: { readonly result: SliceResult; readonly p: number }[] = [];
  const rest = restSampler(sample);
  for (const column of columns) {
    const rankings = sorted && rankParts(sorted, column.codes, column.values.length);
    for (const [code, rows] of rowsByValue(column).entries()) {
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
      results.push(result);
      if (explored === undefined) continue;
      const p = differenceFromRest(
        sample,
        rest,
        { column, code, rows: rows.length, result },
        explored,
        confidence,
      );
      if (p !== undefined) ps.push({ result, p });
    }
  }
  for (const [index, adjusted] of benjaminiHochberg(ps.map(({ p }) => p)).entries()) {
    const { result } = ps[index] as (typeof ps)[number];
    result.adjustedP = { [explored as MetricName]: adjusted };
  }
  return results;
}
