import type { Evaluation, GateConfig, SliceResult } from '@nx-mlops/core';
import { beyondText } from './limit-text';
import { isBeyond, limitsOf, type Limit } from './limits';
import { chanceOfHolding, errorOnSide } from './noise';
import { intervalText } from './numbers-in-words';
import type { SliceFinding } from './slice-finding';

/** A slice against `min` and `max`; of two limits the one that is nearer to being broken. */
export function findLimit(
  gate: GateConfig,
  { confidence }: Evaluation,
  slice: SliceResult,
  value: number,
): SliceFinding {
  const interval = slice.intervals[gate.metric];
  const chance = (limit: Limit): number => {
    const excess = limit.kind === 'minimum' ? limit.at - value : value - limit.at;
    if (interval === undefined) return chanceOfHolding(excess, 0);
    const bound = limit.kind === 'minimum' ? interval.high : interval.low;
    return chanceOfHolding(excess, errorOnSide(value, bound, confidence));
  };
  const tests = limitsOf(gate).map((limit) => ({ limit, p: chance(limit) }));
  const { limit, p } = tests.reduce((nearest, test) => (test.p < nearest.p ? test : nearest));
  const finding = { slice, value, p, ...(interval === undefined ? {} : { interval }) };
  if (!isBeyond(limit, value)) return finding;
  const around = interval === undefined ? '' : ` (${intervalText(interval, confidence)})`;
  return { ...finding, breach: `${beyondText(gate.metric, value, limit)}${around}` };
}
