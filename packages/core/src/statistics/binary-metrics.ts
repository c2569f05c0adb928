import { averagePrecision } from './average-precision';
import { brierScore } from './brier-score';
import { CALIBRATION_BINS, calibrationBins, expectedCalibrationError } from './calibration-bins';
import { checkLabelledScores, checkProbabilities } from './check-input';
import {
  accuracyOf,
  balancedAccuracyOf,
  cohensKappaOf,
  f1Of,
  matthewsCorrelationOf,
  precisionOf,
  recallOf,
  specificityOf,
} from './confusion-matrix';
import { binaryLogLoss } from './log-loss';
import { once, type MetricFunctions } from './measure';
import { rankScores, type RankedScores } from './ranked-scores';
import { brierTerm, logLossTerm, rankedMean } from './ranked-sums';
import { rocAuc } from './roc-auc';
import type { BinarySample } from './sample';
import { confusionOf } from './sample-confusion';

/**
 * The metrics of a binary sample. O(n log n), memory one copy of the scores where rows have no weights.
 *
 * @param known the sample's ranking, where it is there already; then the sample is taken for checked
 */
export function binaryMetrics(
  sample: BinarySample,
  known?: RankedScores,
): MetricFunctions<'binary-classification'> {
  const { scores, labels, weights } = sample;
  if (known === undefined) checkLabelledScores(sample);
  const ranked = once(() => known ?? rankScores(sample));
  const confusion = once(() => confusionOf(sample, known));
  const probabilities = once(() => {
    checkProbabilities(scores);
    return scores;
  });
  return {
    'roc-auc': () => rocAuc(ranked()),
    'pr-auc': () => averagePrecision(ranked()),
    'log-loss': () =>
      known === undefined
        ? binaryLogLoss(probabilities(), labels, weights)
        : rankedMean(known, logLossTerm(probabilities())),
    brier: () =>
      known === undefined
        ? brierScore(probabilities(), labels, weights)
        : (probabilities(), rankedMean(known, brierTerm)),
    ece: () =>
      expectedCalibrationError(
        calibrationBins({ ...sample, scores: probabilities() }, CALIBRATION_BINS, known),
      ),
    accuracy: () => accuracyOf(confusion()),
    'balanced-accuracy': () => balancedAccuracyOf(confusion()),
    precision: () => precisionOf(confusion()),
    recall: () => recallOf(confusion()),
    specificity: () => specificityOf(confusion()),
    f1: () => f1Of(confusion()),
    mcc: () => matthewsCorrelationOf(confusion()),
    kappa: () => cohensKappaOf(confusion()),
  };
}
