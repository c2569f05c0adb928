import type { RankedScores } from './ranked-scores';

/**
 * Area under the precision–recall curve as a sum over the distinct scores, Σ (R_n − R_{n−1}) P_n, without
 * interpolation: scikit-learn's `average_precision_score`.
 *
 * @returns in [0, 1]; null when no row is positive. Chance level is the share of positives, not 0.5.
 */
export function averagePrecision(ranked: RankedScores): number | null {
  if (ranked.positives === 0) return null;
  let found = 0;
  let predicted = 0;
  let sum = 0;
  ranked.forEachDescending((_score, negatives, positives) => {
    found += positives;
    predicted += negatives + positives;
    // The highest scores may all have weight 0.
    if (positives > 0) sum += positives * (found / predicted);
  });
  return sum / ranked.positives;
}
