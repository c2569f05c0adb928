import type { ClassIndices, FloatArray } from './numbers';
import { weightedMean } from './weighted-mean';

/**
 * Mean squared difference between the probability of the positive class and what came true (0 or 1).
 *
 * @returns in [0, 1]; null when there are no rows
 * Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
 */
export function brierScore(scores: FloatArray, labels: Uint8Array, weights?: Float64Array): number | null {
  return weightedMean(
    labels.length,
    (row) => ((scores[row] as number) - (labels[row] as number)) ** 2,
    weights,
  );
}

/**
 * Mean over the rows of the squared differences, summed over the classes: from 0 to 2, and of two classes half of it, so
 * that it is that of the binary task. So does scikit-learn's `brier_score_loss`.
 *
 * @param scores probabilities, row-major `[rows, classCount]`
 */
export function multiclassBrierScore(
  scores: FloatArray,
  labels: ClassIndices,
  classCount: number,
  weights?: Float64Array,
): number | null {
  const scale = classCount < 3 ? 0.5 : 1;
  return weightedMean(
    labels.length,
    (row) => {
      let sum = 0;
      for (let index = 0; index < classCount; index++) {
        const actual = labels[row] === index ? 1 : 0;
        sum += ((scores[row * classCount + index] as number) - actual) ** 2;
      }
      return sum * scale;
    },
    weights,
  );
}
