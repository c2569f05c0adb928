import { compensatedSum } from './compensated-sum';
import { ratio, type FloatArray } from './numbers';

/**
 * Mean squared difference between the probability of the positive class and what came true (0 or 1).
 *
 * @returns in [0, 1]; null when there are no rows
 * Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
 */
export function brierScore(scores: FloatArray, labels: Uint8Array): number | null {
  const sum = compensatedSum(
    labels.length,
    (row) => ((scores[row] as number) - (labels[row] as number)) ** 2,
  );
  return ratio(sum, labels.length);
}
