import { checkLabels, checkSameLength, checkWeights } from './check-input';
import { ratio, type ClassIndices } from './numbers';

/** Rows by actual class, columns by predicted class: counts of rows, or sums of their weights; square. */
export type ConfusionMatrix = number[][];

/**
 * @param actual class indices in [0, classCount)
 * @param predicted the same
 * @param weights one a row; each row counts 1 when left out
 * @throws MlopsError MLOPS_LENGTH_MISMATCH, MLOPS_LABEL_RANGE, MLOPS_WEIGHT_RANGE
 */
export function confusionMatrix(
  actual: ClassIndices,
  predicted: ClassIndices,
  classCount: number,
  weights?: Float64Array,
): ConfusionMatrix {
  checkSameLength('predictions', predicted.length, 'actual classes', actual.length);
  checkLabels(actual, classCount);
  checkLabels(predicted, classCount);
  checkWeights(weights, actual.length);
  const counts = new Float64Array(classCount * classCount);
  for (let row = 0; row < actual.length; row++) {
    const cell = (actual[row] as number) * classCount + (predicted[row] as number);
    counts[cell] = (counts[cell] as number) + (weights === undefined ? 1 : (weights[row] as number));
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

/** Weight of a class (all rows without weights): as it occurs, as it is predicted, and where both agree. */
export interface ClassTotals {
  readonly actual: number;
  readonly predicted: number;
  readonly right: number;
}

/** In the order of the classes. */
export function classTotals(matrix: ConfusionMatrix): ClassTotals[] {
  return matrix.map((row, index) => ({
    actual: sum(row),
    predicted: sum(matrix.map((each) => each[index] as number)),
    right: row[index] as number,
  }));
}

/** Null when the class is never predicted. */
export function precisionOfClass({ right, predicted }: ClassTotals): number | null {
  return ratio(right, predicted);
}

/** Null when the class does not occur. */
export function recallOfClass({ right, actual }: ClassTotals): number | null {
  return ratio(right, actual);
}

/** Null when the class neither occurs nor is predicted. */
export function f1OfClass({ right, actual, predicted }: ClassTotals): number | null {
  return ratio(2 * right, actual + predicted);
}

/** As scikit-learn's `precision_score(average='macro')`: 0 for a class that occurs and is never predicted. */
export function macroPrecisionOf(matrix: ConfusionMatrix): number | null {
  return macroMean(matrix, precisionOfClass);
}

/** As scikit-learn's `recall_score(average='macro')`: 0 for a class that is predicted and never occurs. */
export function macroRecallOf(matrix: ConfusionMatrix): number | null {
  return macroMean(matrix, recallOfClass);
}

/** As scikit-learn's `f1_score(average='macro')`. */
export function macroF1Of(matrix: ConfusionMatrix): number | null {
  return macroMean(matrix, f1OfClass);
}

/** Unweighted mean over the classes that occur or are predicted; null when there are no rows. */
function macroMean(matrix: ConfusionMatrix, score: (totals: ClassTotals) => number | null): number | null {
  const seen = classTotals(matrix).filter(({ actual, predicted }) => actual + predicted > 0);
  return ratio(sum(seen.map((totals) => score(totals) ?? 0)), seen.length);
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

/** Share of negatives that are found; null when there are none. */
export function specificityOf(matrix: ConfusionMatrix): number | null {
  const { trueNegatives, falsePositives } = binaryCounts(matrix);
  return ratio(trueNegatives, trueNegatives + falsePositives);
}

/** Harmonic mean of precision and recall; null when no row is positive and none is predicted so. */
export function f1Of(matrix: ConfusionMatrix): number | null {
  const { truePositives, falsePositives, falseNegatives } = binaryCounts(matrix);
  return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

/**
 * Correlation between actual and predicted class, of two classes or more.
 *
 * @returns in [-1, 1]; 0 when all rows are predicted alike, as scikit-learn's `matthews_corrcoef`; null when fewer than
 *   two classes occur
 * Sources: B. W. Matthews, Biochimica et Biophysica Acta 405, 1975; J. Gorodkin, Comparing two K-category assignments by
 *   a K-category correlation coefficient, Computational Biology and Chemistry 28, 2004.
 */
export function matthewsCorrelationOf(matrix: ConfusionMatrix): number | null {
  const { covariance, actualVariance, predictedVariance } = moments(matrix);
  if (actualVariance === 0) return null;
  if (predictedVariance === 0) return 0;
  return covariance / Math.sqrt(actualVariance) / Math.sqrt(predictedVariance);
}

/**
 * Agreement of actual and predicted class beyond what their shares alone would give.
 *
 * @returns in [-1, 1]; null when fewer than two classes occur: there is no chance to be beyond
 * Source: J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.
 */
export function cohensKappaOf(matrix: ConfusionMatrix): number | null {
  const { covariance, actualVariance } = moments(matrix);
  if (actualVariance === 0) return null;
  const totals = classTotals(matrix);
  const all = sum(totals.map(({ actual }) => actual));
  return covariance / sum(totals.map(({ actual, predicted }) => actual * (all - predicted)));
}

/**
 * Covariance and variances of the indicators of the classes, summed over the classes, times the square of all weight.
 * Each is a sum of products of counts and no difference of two large numbers, so that rare classes cost no digits.
 */
function moments(matrix: ConfusionMatrix) {
  const totals = classTotals(matrix);
  const all = sum(totals.map(({ actual }) => actual));
  const others = (own: (each: ClassTotals) => number, index: number) =>
    sum(totals.filter((_, other) => other !== index).map(own));
  return {
    covariance: sum(
      totals.map(({ actual, predicted, right }) => {
        const falsePositives = predicted - right;
        const falseNegatives = actual - right;
        return right * (all - actual - falsePositives) - falsePositives * falseNegatives;
      }),
    ),
    actualVariance: sum(totals.map(({ actual }, index) => actual * others((each) => each.actual, index))),
    predictedVariance: sum(
      totals.map(({ predicted }, index) => predicted * others((each) => each.predicted, index)),
    ),
  };
}

function binaryCounts(matrix: ConfusionMatrix) {
  const [[trueNegatives = 0, falsePositives = 0] = [], [falseNegatives = 0, truePositives = 0] = []] = matrix;
  return { trueNegatives, falsePositives, falseNegatives, truePositives };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
