import type { Evaluation, SliceResult } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import { metricTitle } from './metric-title';
import { chanceOfHolding, errorOnSide } from './noise';
import { apart } from './numbers-in-words';
import type { SliceFinding } from './slice-finding';

/**
 * A slice against `maxGap`: how much worse than over all rows it may be.
 *
 * The slice is a part of all rows. With f its share of them, slice minus all is (1 - f)(slice - rest) for a mean, and the
 * rest is independent of the slice, so the variance is (1 - f)² Var(slice) + Var(all) - f² Var(slice).
 *
 * @param all the metric over all rows
 * @param value of the slice
 */
export function findGap(
  { metric, maxGap }: { readonly metric: string; readonly maxGap: number },
  evaluation: Evaluation,
  slice: SliceResult,
  value: number,
  all: number,
): SliceFinding {
  const higherIsBetter = evaluation.directions[metric] !== 'lower';
  const gap = higherIsBetter ? all - value : value - all;
  const interval = slice.intervals[metric];
  const ofAll = evaluation.intervals[metric];
  const { confidence } = evaluation;
  // Of both the side that would make the gap smaller.
  const sliceError =
    interval === undefined
      ? 0
      : errorOnSide(value, higherIsBetter ? interval.high : interval.low, confidence);
  const allError =
    ofAll === undefined ? 0 : errorOnSide(all, higherIsBetter ? ofAll.low : ofAll.high, confidence);
  const share = slice.rows / evaluation.test.rows;
  const ofRest = Math.max(0, allError ** 2 - share ** 2 * sliceError ** 2);
  const p = chanceOfHolding(gap - maxGap, Math.sqrt((1 - share) ** 2 * sliceError ** 2 + ofRest));
  const finding = { slice, value, p, ...(interval === undefined ? {} : { interval }) };
  if (!(gap > maxGap)) return finding;
  const [shown, allowed] = apart(metric, gap, maxGap);
  return {
    ...finding,
    breach: `${metricTitle(metric)} is ${formatMetric(metric, value)}, ${shown} worse than the ${formatMetric(metric, all)} over all rows, where ${allowed} is allowed`,
  };
}
