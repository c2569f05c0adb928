import { benjaminiHochberg, type MetricName, type SliceResult } from '@nx-mlops/core';
import type { SliceMeasurement } from './measure-column';

/**
 * Of the slices: all metrics with their intervals, and for exploration whether one of them differs from the rest, where all
 * that were looked at are counted.
 *
 * @param explored the metric that they were compared by
 */
export function sliceResults(
  measured: readonly SliceMeasurement[],
  explored: MetricName | undefined,
): SliceResult[] {
  const compared = measured.flatMap(({ result, p }) => (p === undefined ? [] : [{ result, p }]));
  const adjusted = new Map<SliceResult, number>();
  for (const [index, p] of benjaminiHochberg(compared.map(({ p }) => p)).entries()) {
    adjusted.set((compared[index] as (typeof compared)[number]).result, p);
  }
  return measured.map(({ result }) => {
    const p = adjusted.get(result);
    return explored === undefined || p === undefined ? result : { ...result, adjustedP: { [explored]: p } };
  });
}
