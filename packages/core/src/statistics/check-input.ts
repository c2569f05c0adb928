import { MlopsError } from '../errors/mlops-error';
import type { ClassIndices, FloatArray } from './numbers';

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
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number;
    if (score >= -ROUNDING && score <= 1 + ROUNDING) continue;
    throw new MlopsError(
      'MLOPS_SCORE_NOT_PROBABILITY',
      `the score of row ${Math.floor(index / perRow)} (counted from 0) is ${score}, which is no probability. Log loss and Brier score need probabilities: end the model in a sigmoid or softmax, or do not ask for these metrics.`,
    );
  }
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
