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
import { rankScores } from './ranked-scores';
import { rocAuc } from './roc-auc';
import type { BinarySample } from './sample';
import { confusionOf } from './sample-confusion';

/** The metrics of a binary sample. O(n log n), memory one copy of the scores where rows have no weights. */
export function binaryMetrics(sample: BinarySample): MetricFunctions<'binary-classification'> {
  const { scores, labels, weights } = sample;
  checkLabelledScores(sample);
  const ranked = once(() => rankScores(sample));
  const confusion = once(() => confusionOf(sample));
  const probabilities = once(() => {
    checkProbabilities(scores);
    return scores;
  });
  return {
    'roc-auc': () => rocAuc(ranked()),
    'pr-auc': () => averagePrecision(ranked()),
    'log-loss': () => binaryLogLoss(probabilities(), labels, weights),
    brier: () => brierScore(probabilities(), labels, weights),
    ece: () =>
      expectedCalibrationError(calibrationBins({ ...sample, scores: probabilities() }, CALIBRATION_BINS)),
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
