import { checkFinite, checkLabels, checkSameLength } from './check-input';
import type { FloatArray } from './numbers';
import { forEachScoreDescending, scoresByClass } from './scores-by-class';

export interface CalibrationBin {
  /** Rows. At least 1. */
  readonly count: number;
  readonly lowestScore: number;
  readonly highestScore: number;
  readonly meanScore: number;
  /** Share of positive rows: what `meanScore` should be. */
  readonly positiveShare: number;
}

/**
 * Rows in bins of about equal count by rising score: a reliability diagram. Rows with equal scores share a bin, that
 * of their middle rank, so the order of rows does not matter; bins that get no rows are left out.
 *
 * @param bins at least 1; 10 is usual
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH
 */
export function calibrationBins(scores: FloatArray, labels: Uint8Array, bins: number): CalibrationBin[] {
  checkSameLength('scores', scores.length, 'labels', labels.length);
  checkFinite(scores);
  checkLabels(labels, 2);
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibration needs a whole number of at least 1 bin, not ${bins}`);
  }
  const rows = labels.length;
  const gathered = new Map<
    number,
    { count: number; positives: number; sum: number; low: number; high: number }
  >();
  let above = 0;
  forEachScoreDescending(scoresByClass(scores, labels), (score, negativeCount, positiveCount) => {
    const count = negativeCount + positiveCount;
    const middle = rows - above - count / 2;
    above += count;
    const index = Math.min(bins - 1, Math.floor((middle * bins) / rows));
    const bin = gathered.get(index) ?? { count: 0, positives: 0, sum: 0, low: score, high: score };
    bin.count += count;
    bin.positives += positiveCount;
    bin.sum += score * count;
    bin.low = score;
    gathered.set(index, bin);
  });
  return [...gathered.values()].reverse().map(({ count, positives, sum, low, high }) => ({
    count,
    lowestScore: low,
    highestScore: high,
    meanScore: sum / count,
    positiveShare: positives / count,
  }));
}

/**
 * Expected calibration error: mean distance between predicted and observed share over the bins, weighted by rows. It
 * moves with the number of bins, so name that beside it.
 *
 * @returns in [0, 1]; null when there are no bins
 */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number | null {
  const rows = bins.reduce((sum, { count }) => sum + count, 0);
  if (rows === 0) return null;
  return bins.reduce(
    (sum, { count, meanScore, positiveShare }) => sum + (count / rows) * Math.abs(positiveShare - meanScore),
    0,
  );
}
