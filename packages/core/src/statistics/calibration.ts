import type { Calibration } from '../manifest/evaluation';
import { CALIBRATION_BINS, calibrationBins, expectedCalibrationError } from './calibration-bins';
import { areDistributions, areProbabilities } from './check-input';
import { independentTrials } from './independent-trials';
import { wilsonInterval } from './intervals/wilson-interval';
import { confidenceOfPredicted } from './predicted-confidence';
import type { LabelledScores, RankedScores } from './ranked-scores';
import type { BinarySample, MulticlassSample } from './sample';

/**
 * How far probabilities can be taken at their word: the reliability diagram and its error, over ten bins of equal weight.
 * Of several classes it is that of the predicted one.
 *
 * @param confidence of Wilson's intervals of the observed shares, such as 0.95; with weights or groups they are those of
 *   as many independent rows as are known as well
 * @param ranked of a binary sample that was checked, where its ranking is there already
 * @returns undefined when the scores are no probabilities, or no row has a weight
 * @throws MlopsError as `measureSample`
 */
export function calibrationOf(
  sample: BinarySample | MulticlassSample,
  confidence: number,
  ranked?: RankedScores,
): Calibration | undefined {
  const question = asBinary(sample);
  if (question === undefined) return undefined;
  const bins = calibrationBins(
    question,
    CALIBRATION_BINS,
    sample.task === 'binary-classification' ? ranked : undefined,
  );
  if (bins.length === 0) return undefined;
  // Rows that count alike and are independent are so many trials; which they are does not matter then.
  const isPlain = sample.weights === undefined && sample.groups === undefined;
  const rowsOfBins = isPlain ? [] : rowsByBin(question, bins);
  return {
    scheme: 'equal-mass',
    bins: bins.map(({ rows, lowestScore, highestScore, meanScore, positiveShare }, index) => {
      const trials = isPlain
        ? { successes: Math.round(positiveShare * rows), trials: rows }
        : independentTrials(sample, rowsOfBins[index] as Uint32Array, (row) => question.labels[row] === 1);
      const { low, high } = trials === undefined ? { low: 0, high: 1 } : wilsonInterval(trials, confidence);
      return { rows, lowestScore, highestScore, meanScore, observed: positiveShare, low, high };
    }),
    ece: expectedCalibrationError(bins),
  };
}

function asBinary(sample: BinarySample | MulticlassSample): LabelledScores | undefined {
  if (sample.task === 'binary-classification') {
    return areProbabilities(sample.scores) ? sample : undefined;
  }
  return areDistributions(sample.scores, sample.classCount) ? confidenceOfPredicted(sample) : undefined;
}

/** Row numbers by bin. Rows without weight may lie between the bins and are in none. */
function rowsByBin(
  { scores }: LabelledScores,
  bins: readonly { readonly lowestScore: number; readonly highestScore: number }[],
): Uint32Array[] {
  const found = bins.map((): number[] => []);
  scores.forEach((score, row) => {
    const index = bins.findIndex(({ highestScore }) => score <= highestScore);
    if (index !== -1 && score >= (bins[index]?.lowestScore as number)) found[index]?.push(row);
  });
  return found.map((rows) => Uint32Array.from(rows));
}
