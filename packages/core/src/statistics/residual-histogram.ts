import type { Curves } from '../manifest/evaluation';
import { checkFinite, checkSameLength } from './check-input';
import type { RegressionSample } from './sample';

/**
 * How many rows miss by how much: counts of prediction minus target in bins of equal width from the smallest to the
 * largest. Rows, whatever their weights.
 *
 * @param bins at least 1
 * @returns one bin of width 1 around them when all residuals are equal; no bins without rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LENGTH_MISMATCH
 */
export function residualHistogram(
  { scores, targets }: RegressionSample,
  bins = 40,
): NonNullable<Curves['residuals']> {
  checkSameLength('predictions', scores.length, 'targets', targets.length);
  checkFinite(scores, 'prediction');
  checkFinite(targets, 'target');
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`a histogram needs a whole number of at least 1 bin, not ${bins}`);
  }
  const rows = targets.length;
  if (rows === 0) return { edges: [], counts: [] };
  const residual = (row: number) => (scores[row] as number) - (targets[row] as number);
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < rows; row++) {
    low = Math.min(low, residual(row));
    high = Math.max(high, residual(row));
  }
  // Also where they differ by less than a bin can be told apart.
  if (low + (high - low) / bins === low) return { edges: [low - 0.5, low + 0.5], counts: [rows] };
  const counts = new Array<number>(bins).fill(0);
  for (let row = 0; row < rows; row++) {
    const bin = Math.min(bins - 1, Math.floor(((residual(row) - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, index) => low + ((high - low) * index) / bins);
  return { edges, counts };
}
