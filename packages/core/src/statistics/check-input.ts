import { MlopsError } from '../errors/mlops-error';
import type { ClassIndices, FloatArray } from './numbers';
import type { LabelledScores } from './ranked-scores';

/** @throws MlopsError MLOPS_LENGTH_MISMATCH */
export function checkSameLength(what: string, length: number, other: string, otherLength: number): void {
  if (length === otherLength) return;
  throw new MlopsError(
    'MLOPS_LENGTH_MISMATCH',
    `there are ${length} ${what} for ${otherLength} ${other}. Each row needs one of each.`,
  );
}

/**
 * @param perRow values a row
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE with the first row, counted from 0, that holds NaN or an infinity
 */
export function checkFinite(values: FloatArray, what = 'score', perRow = 1): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    // Of the numbers only NaN and the infinities give something else than 0 here.
    if (value - value === 0) continue;
    throw new MlopsError(
      'MLOPS_SCORE_NOT_FINITE',
      `the ${what} of row ${Math.floor(index / perRow)} (counted from 0) is ${value}, so no metric is defined. Look for missing values in the features of that row and for a training that diverged.`,
    );
  }
}

/** Scores come from 32-bit arithmetic, so a probability may miss its range by a rounding. */
const ROUNDING = 1e-6;

/** @throws MlopsError MLOPS_SCORE_NOT_PROBABILITY with the first row, counted from 0, whose score is not in [0, 1] */
export function checkProbabilities(scores: FloatArray, perRow = 1): void {
  const index = firstThatIsNoProbability(scores);
  if (index === -1) return;
  throw new MlopsError(
    'MLOPS_SCORE_NOT_PROBABILITY',
    `the score of row ${Math.floor(index / perRow)} (counted from 0) is ${scores[index]}, which is no probability. Log loss, Brier score and ECE need probabilities: end the model in a sigmoid or softmax, or do not ask for these metrics.`,
  );
}

/** Whether all scores are in [0, 1], but for a rounding: what ranks need not be, and calibration must. */
export function areProbabilities(scores: FloatArray): boolean {
  return firstThatIsNoProbability(scores) === -1;
}

function firstThatIsNoProbability(scores: FloatArray): number {
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number;
    if (!(score >= -ROUNDING && score <= 1 + ROUNDING)) return index;
  }
  return -1;
}

/** How far the probabilities of a row may miss 1 together: quantised models miss it by some 1e-4. */
const SUM_TOLERANCE = 1e-3;

/**
 * @param scores row-major `[rows, classCount]`
 * @throws MlopsError MLOPS_SCORE_NOT_PROBABILITY; MLOPS_SCORE_NOT_DISTRIBUTION with the first row, counted from 0,
 *   whose probabilities do not sum to 1
 */
export function checkDistributions(scores: FloatArray, classCount: number): void {
  checkProbabilities(scores, classCount);
  const found = firstThatIsNoDistribution(scores, classCount);
  if (found === undefined) return;
  throw new MlopsError(
    'MLOPS_SCORE_NOT_DISTRIBUTION',
    `the probabilities of row ${found.row} (counted from 0) sum to ${Number(found.sum.toPrecision(6))}, not to 1. Log loss, Brier score and ECE need one distribution over the classes: end the model in a softmax, inside the ONNX graph, or do not ask for these metrics.`,
  );
}

/** Whether each row is a distribution over the classes, but for a rounding. */
export function areDistributions(scores: FloatArray, classCount: number): boolean {
  return areProbabilities(scores) && firstThatIsNoDistribution(scores, classCount) === undefined;
}

function firstThatIsNoDistribution(
  scores: FloatArray,
  classCount: number,
): { readonly row: number; readonly sum: number } | undefined {
  for (let start = 0; start < scores.length; start += classCount) {
    let sum = 0;
    for (let index = start; index < start + classCount; index++) sum += scores[index] as number;
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return { row: start / classCount, sum };
  }
  return undefined;
}

/** @throws MlopsError MLOPS_LENGTH_MISMATCH; MLOPS_WEIGHT_RANGE with the first row whose weight is no number of at least 0 */
export function checkWeights(weights: Float64Array | undefined, rows: number): void {
  if (weights === undefined) return;
  checkSameLength('weights', weights.length, 'rows', rows);
  const row = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (row === -1) return;
  throw new MlopsError(
    'MLOPS_WEIGHT_RANGE',
    `the weight of row ${row} (counted from 0) is ${weights[row]}. A weight is a number of at least 0: mend the weight column, or let the prepare step fill its gaps.`,
  );
}

/** @throws MlopsError MLOPS_RELEVANCE_RANGE with the first row whose relevance is no number of at least 0 */
export function checkRelevance(relevance: Float64Array): void {
  const row = relevance.findIndex((each) => !(each >= 0 && each < Infinity));
  if (row === -1) return;
  throw new MlopsError(
    'MLOPS_RELEVANCE_RANGE',
    `the relevance of row ${row} (counted from 0) is ${relevance[row]}. The target of a ranking is a number of at least 0, and 0 is not relevant.`,
  );
}

/** @throws MlopsError MLOPS_LABEL_RANGE with the first row, counted from 0, whose class is not in [0, classCount) */
export function checkLabels(labels: ClassIndices, classCount: number): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    if (label >= 0 && label < classCount) continue;
    throw new MlopsError(
      'MLOPS_LABEL_RANGE',
      `the class of row ${row} (counted from 0) is ${label}; the model knows ${classCount} classes, counted from 0.`,
    );
  }
}

/**
 * What everything that looks at a binary sample needs of it.
 *
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function checkLabelledScores({ scores, labels, weights }: LabelledScores): void {
  checkSameLength('scores', scores.length, 'labels', labels.length);
  checkFinite(scores);
  checkLabels(labels, 2);
  checkWeights(weights, labels.length);
}
