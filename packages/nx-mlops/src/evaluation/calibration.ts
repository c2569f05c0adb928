import {
  CALIBRATION_BINS,
  calibrationBins,
  confidenceOfPredicted,
  expectedCalibrationError,
  wilsonInterval,
  type Calibration,
  type FloatArray,
  type Sample,
} from '@nx-mlops/core';

/**
 * How far the scores are the shares that they claim: ten bins of equal mass, the observed share of each with its Wilson
 * interval over the rows of the bin.
 *
 * @returns undefined for what has no probabilities
 */
export function calibrationOf(sample: Sample, confidence: number): Calibration | undefined {
  const labelled =
    sample.task === 'binary-classification'
      ? sample
      : sample.task === 'multiclass-classification'
        ? confidenceOfPredicted(sample)
        : undefined;
  if (labelled === undefined || !areProbabilities(labelled.scores)) return undefined;
  const bins = calibrationBins(labelled, CALIBRATION_BINS);
  return {
    scheme: 'equal-mass',
    bins: bins.map(({ rows, lowestScore, highestScore, meanScore, positiveShare }) => {
      const { low, high } = wilsonInterval({ successes: positiveShare * rows, trials: rows }, confidence);
      return { rows, lowestScore, highestScore, meanScore, observed: positiveShare, low, high };
    }),
    ece: expectedCalibrationError(bins),
  };
}

/** Scores that are none, which a ranking metric allows, cannot be calibrated. */
export function areProbabilities(scores: FloatArray): boolean {
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] as number;
    if (!(score >= -1e-6 && score <= 1 + 1e-6)) return false;
  }
  return true;
}
