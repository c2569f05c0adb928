import { checkLabelledScores } from './check-input';
import { rankScores, type LabelledScores, type RankedScores } from './ranked-scores';

/** Ten equal-mass bins are what `ece` is measured on. */
export const CALIBRATION_BINS = 10;

export interface CalibrationBin {
  /** Rows. At least 1. */
  readonly rows: number;
  /** Of the rows; their number without weights. Above 0. */
  readonly weight: number;
  readonly lowestScore: number;
  readonly highestScore: number;
  readonly meanScore: number;
  /** Share of positive rows: what `meanScore` should be. */
  readonly positiveShare: number;
}

/**
 * Rows in bins of about equal weight (without weights: equal count) by rising score: a reliability diagram. Rows with
 * equal scores share a bin, that of their middle, so the order of rows does not matter; bins that get no weight are left
 * out.
 *
 * @param bins at least 1; 10 is usual
 * @param known the sample's ranking, where it is there already; then the sample is taken for checked
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LABEL_RANGE, MLOPS_LENGTH_MISMATCH, MLOPS_WEIGHT_RANGE
 */
export function calibrationBins(
  sample: LabelledScores,
  bins: number,
  known?: RankedScores,
): CalibrationBin[] {
  if (known === undefined) checkLabelledScores(sample);
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibration needs a whole number of at least 1 bin, not ${bins}`);
  }
  const gathered: {
    index: number;
    rows: number;
    weight: number;
    positives: number;
    sum: number;
    low: number;
    high: number;
  }[] = [];
  const ranked = known ?? rankScores(sample);
  const all = ranked.negatives + ranked.positives;
  let above = 0;
  ranked.forEachDescending((score, negatives, positives, rows) => {
    const weight = negatives + positives;
    if (weight === 0) return;
    const middle = all - above - weight / 2;
    above += weight;
    const index = Math.min(bins - 1, Math.max(0, Math.floor((middle * bins) / all)));
    // As the scores fall so do the bins.
    let bin = gathered.at(-1);
    if (bin?.index !== index) {
      bin = { index, rows: 0, weight: 0, positives: 0, sum: 0, low: score, high: score };
      gathered.push(bin);
    }
    bin.rows += rows;
    bin.weight += weight;
    bin.positives += positives;
    bin.sum += score * weight;
    bin.low = score;
  });
  return gathered.reverse().map(({ rows, weight, positives, sum, low, high }) => ({
    rows,
    weight,
    lowestScore: low,
    highestScore: high,
    meanScore: sum / weight,
    positiveShare: positives / weight,
  }));
}

/**
 * Expected calibration error: mean distance between predicted and observed share over the bins, by their weight. It moves
 * with the number of bins, so name that beside it.
 *
 * @returns in [0, 1]; null when there are no bins
 */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number | null {
  const all = bins.reduce((sum, { weight }) => sum + weight, 0);
  if (all === 0) return null;
  return bins.reduce(
    (sum, { weight, meanScore, positiveShare }) => sum + (weight / all) * Math.abs(positiveShare - meanScore),
    0,
  );
}
