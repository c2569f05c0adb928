import type { Evaluation, SliceResult } from '@nx-mlops/core';

/** Adjusted by Benjamini and Hochberg over all slices: one in ten of what is flagged is chance. */
const FLAGGED = 0.1;

/** A metric that is worse on a slice than on all rows, beyond what chance explains. */
export interface SliceOfConcern {
  readonly slice: SliceResult;
  readonly metric: string;
  readonly value: number;
  /** Over all rows. */
  readonly overall: number;
  readonly adjustedP: number;
}

/** The surest first. */
export function slicesOfConcern({ slices, metrics, directions }: Evaluation): SliceOfConcern[] {
  return slices
    .flatMap((slice) =>
      Object.entries(slice.adjustedP ?? {}).flatMap(([metric, adjustedP]) => {
        const value = slice.metrics[metric] ?? null;
        const overall = metrics[metric] ?? null;
        if (adjustedP > FLAGGED || value === null || overall === null) return [];
        const isWorse = directions[metric] === 'lower' ? value > overall : value < overall;
        return isWorse ? [{ slice, metric, value, overall, adjustedP }] : [];
      }),
    )
    .sort((a, b) => a.adjustedP - b.adjustedP);
}
