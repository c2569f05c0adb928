import { ratio } from './numbers';
import type { RankedScores } from './ranked-scores';

/**
 * Area under the ROC curve: the probability that a positive row scores higher than a negative one, ties counting half
 * (the Mann–Whitney statistic by mid-ranks, as scikit-learn's `roc_auc_score`).
 *
 * @returns in [0, 1]; null when one of the classes has no rows
 */
export function rocAuc(ranked: RankedScores): number | null {
  // Counted in half pairs, which are whole numbers without weights: exact below 9 * 10^15 of them.
  let halfPairs = 0;
  let positivesAbove = 0;
  ranked.forEachDescending((_score, negatives, positives) => {
    halfPairs += negatives * (2 * positivesAbove + positives);
    positivesAbove += positives;
  });
  return ratio(halfPairs, 2 * ranked.negatives * ranked.positives);
}
