import type { GateConfig } from '@nx-mlops/core';
import { formatCount, plural } from '../../reporting/format';
import type { Judgement } from './judgement';

/** Rows below which a slice is not judged, where the gate says nothing else: fewer are noise. */
const defaultMinRows = 50;

export function hasEnoughRows({ minRows = defaultMinRows }: GateConfig, rows: number): boolean {
  return rows >= minRows;
}

/** The verdict on a slice with too few rows: skipped, which is no pass. */
export function tooFewRows(
  { minRows = defaultMinRows }: GateConfig,
  rows: number,
  value: number | null | undefined,
): Judgement {
  return {
    value: value ?? null,
    verdict: 'skipped',
    because: `${plural(rows, 'row')}, fewer than the ${formatCount(minRows)} that a judgement needs (minRows).`,
  };
}
