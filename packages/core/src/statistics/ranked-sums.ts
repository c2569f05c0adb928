import { logLossOf } from './log-loss';
import type { FloatArray } from './numbers';
import type { RankedScores } from './ranked-scores';

/** How much a row of each class with a score counts towards a mean over the rows. */
export interface RowTerm {
  readonly ofNegative: (score: number) => number;
  readonly ofPositive: (score: number) => number;
}

/** Negative log likelihood, clipped by the precision of the scores. */
export function logLossTerm(scores: FloatArray): RowTerm {
  const loss = logLossOf(scores);
  return { ofNegative: (score) => loss(1 - score), ofPositive: loss };
}

export const brierTerm: RowTerm = {
  ofNegative: (score) => score ** 2,
  ofPositive: (score) => (score - 1) ** 2,
};

/** Mean of a term over the rows of a ranking; null where there are none. Summed as `compensatedSum` does. */
export function rankedMean(ranked: RankedScores, { ofNegative, ofPositive }: RowTerm): number | null {
  const all = ranked.negatives + ranked.positives;
  if (all === 0) return null;
  let sum = 0;
  let lost = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    const value =
      (negatives === 0 ? 0 : negatives * ofNegative(score)) +
      (positives === 0 ? 0 : positives * ofPositive(score));
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  });
  return (sum + lost) / all;
}

/** Squares of the distances of a term from its mean, summed over the rows of each class: negative, positive. */
export function rankedSquares(
  ranked: RankedScores,
  { ofNegative, ofPositive }: RowTerm,
  mean: number,
): readonly [number, number] {
  let ofNegatives = 0;
  let ofPositives = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    if (negatives > 0) ofNegatives += negatives * (ofNegative(score) - mean) ** 2;
    if (positives > 0) ofPositives += positives * (ofPositive(score) - mean) ** 2;
  });
  return [ofNegatives, ofPositives];
}

/** Rows, or their weights, by actual and predicted class: at or above the border a row is predicted positive. */
export function rankedConfusion(ranked: RankedScores, border: number): [number[], number[]] {
  let falsePositives = 0;
  let truePositives = 0;
  ranked.forEachDescending((score, negatives, positives) => {
    if (score < border) return;
    falsePositives += negatives;
    truePositives += positives;
  });
  return [
    [ranked.negatives - falsePositives, falsePositives],
    [ranked.positives - truePositives, truePositives],
  ];
}
