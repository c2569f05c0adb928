import { checkLabels, checkSameLength } from './check-input';
import { ratio, type ClassIndices } from './numbers';

/** Rows by actual class, columns by predicted class: counts of rows, square. */
export type ConfusionMatrix = number[][];

/**
 * @param actual class indices in [0, classCount)
 * @param predicted the same
 * @throws MlopsError MLOPS_LENGTH_MISMATCH, MLOPS_LABEL_RANGE
 */
export function confusionMatrix(
  actual: ClassIndices,
  predicted: ClassIndices,
  classCount: number,
): ConfusionMatrix {
  checkSameLength('predictions', predicted.length, 'actual classes', actual.length);
  checkLabels(actual, classCount);
  checkLabels(predicted, classCount);
  const counts = new Float64Array(classCount * classCount);
  for (let row = 0; row < actual.length; row++) {
    const cell = (actual[row] as number) * classCount + (predicted[row] as number);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return Array.from({ length: classCount }, (_, index) =>
    Array.from(counts.subarray(index * classCount, (index + 1) * classCount)),
  );
}

/** Share of rows on the diagonal; null when there are none. */
export function accuracyOf(matrix: ConfusionMatrix): number | null {
  const all = sum(matrix.map(sum));
  return ratio(sum(matrix.map((row, index) => row[index] as number)), all);
}

/**
 * Mean recall over the classes that occur, as scikit-learn's `balanced_accuracy_score`.
 *
 * @returns in [0, 1]; null when fewer than two classes occur, since it then is the recall of one class alone
 */
export function balancedAccuracyOf(matrix: ConfusionMatrix): number | null {
  const recalls = matrix
    .map((row, index) => ratio(row[index] as number, sum(row)))
    .filter((recall) => recall !== null);
  return recalls.length < 2 ? null : sum(recalls) / recalls.length;
}

/**
 * Unweighted mean of the F1 scores of the classes that occur or are predicted, as scikit-learn's
 * `f1_score(average='macro')`.
 *
 * @returns in [0, 1]; null when there are no rows
 */
export function macroF1Of(matrix: ConfusionMatrix): number | null {
  const scores = matrix
    .map((row, index) => {
      const actual = sum(row);
      const predicted = sum(matrix.map((each) => each[index] as number));
      return ratio(2 * (row[index] as number), actual + predicted);
    })
    .filter((score) => score !== null);
  return ratio(sum(scores), scores.length);
}

/** Share of predicted positives that are positive; null when none is predicted. Of two classes, the second is positive. */
export function precisionOf(matrix: ConfusionMatrix): number | null {
  const { truePositives, falsePositives } = binaryCounts(matrix);
  return ratio(truePositives, truePositives + falsePositives);
}

/** Share of positives that are found; null when there are none. */
export function recallOf(matrix: ConfusionMatrix): number | null {
  const { truePositives, falseNegatives } = binaryCounts(matrix);
  return ratio(truePositives, truePositives + falseNegatives);
}

/** Harmonic mean of precision and recall; null when no row is positive and none is predicted so. */
export function f1Of(matrix: ConfusionMatrix): number | null {
  const { truePositives, falsePositives, falseNegatives } = binaryCounts(matrix);
  return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

/**
 * Correlation between actual and predicted class.
 *
 * @returns in [-1, 1]; 0 when all rows are predicted alike, as scikit-learn's `matthews_corrcoef`; null when one of
 *   the classes has no rows
 * Source: B. W. Matthews, Biochimica et Biophysica Acta 405, 1975.
 */
export function matthewsCorrelationOf(matrix: ConfusionMatrix): number | null {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = binaryCounts(matrix);
  const positives = truePositives + falseNegatives;
  const negatives = trueNegatives + falsePositives;
  if (positives === 0 || negatives === 0) return null;
  const predictedPositives = truePositives + falsePositives;
  const predictedNegatives = trueNegatives + falseNegatives;
  if (predictedPositives === 0 || predictedNegatives === 0) return 0;
  // By shares, for the product of four counts of millions would lose digits.
  const covariance =
    (truePositives / positives) * (trueNegatives / negatives) -
    (falsePositives / negatives) * (falseNegatives / positives);
  return covariance * Math.sqrt((positives / predictedPositives) * (negatives / predictedNegatives));
}

function binaryCounts(matrix: ConfusionMatrix) {
  const [[trueNegatives = 0, falsePositives = 0] = [], [falseNegatives = 0, truePositives = 0] = []] = matrix;
  return { trueNegatives, falsePositives, falseNegatives, truePositives };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
