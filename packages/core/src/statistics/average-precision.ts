import { forEachScoreDescending, type ScoresByClass } from './scores-by-class';

/**
 * Area under the precision–recall curve as a sum over the distinct scores, Σ (R_n − R_{n−1}) P_n, without
 * interpolation: scikit-learn's `average_precision_score`.
 *
 * @returns in [0, 1]; null when no row is positive. Chance level is the share of positives, not 0.5.
 */
export function averagePrecision(scores: ScoresByClass): number | null {
  const all = scores.positives.length;
  if (all === 0) return null;
  let truePositives = 0;
  let predicted = 0;
  let sum = 0;
  forEachScoreDescending(scores, (_score, negativeCount, positiveCount) => {
    truePositives += positiveCount;
    predicted += negativeCount + positiveCount;
    sum += positiveCount * (truePositives / predicted);
  });
  return sum / all;
}
