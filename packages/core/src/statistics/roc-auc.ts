import { ratio } from './numbers';
import { forEachScoreDescending, type ScoresByClass } from './scores-by-class';

/**
 * Area under the ROC curve: the probability that a positive row scores higher than a negative one, ties counting half
 * (the Mann–Whitney statistic by mid-ranks, as scikit-learn's `roc_auc_score`).
 *
 * @returns in [0, 1]; null when one of the classes has no rows
 */
export function rocAuc(scores: ScoresByClass): number | null {
  // Counted in half pairs, which are whole numbers: exact below 9 * 10^15 of them.
  let halfPairs = 0;
  let positivesAbove = 0;
  forEachScoreDescending(scores, (_score, negativeCount, positiveCount) => {
    halfPairs += negativeCount * (2 * positivesAbove + positiveCount);
    positivesAbove += positiveCount;
  });
  return ratio(halfPairs, 2 * scores.negatives.length * scores.positives.length);
}
