import { multiclassBrierScore } from './brier-score';
import { CALIBRATION_BINS, calibrationBins, expectedCalibrationError } from './calibration-bins';
import { checkDistributions, checkFinite, checkLabels, checkSameLength, checkWeights } from './check-input';
import {
  accuracyOf,
  balancedAccuracyOf,
  cohensKappaOf,
  macroF1Of,
  macroPrecisionOf,
  macroRecallOf,
  matthewsCorrelationOf,
} from './confusion-matrix';
import { multiclassLogLoss } from './log-loss';
import { once, type MetricFunctions } from './measure';
import { confidenceOfPredicted } from './predicted-confidence';
import type { MulticlassSample } from './sample';
import { confusionOf } from './sample-confusion';
import { topKAccuracy } from './top-k-accuracy';

/** The metrics of a multiclass sample. The class with the highest score is predicted; of equal ones the first. */
export function multiclassMetrics(sample: MulticlassSample): MetricFunctions<'multiclass-classification'> {
  const { scores, labels, classCount, weights } = sample;
  checkSameLength('scores', scores.length, 'rows times classes', labels.length * classCount);
  checkFinite(scores, 'score', classCount);
  checkLabels(labels, classCount);
  checkWeights(weights, labels.length);
  const confusion = once(() => confusionOf(sample));
  const probabilities = once(() => {
    checkDistributions(scores, classCount);
    return scores;
  });
  return {
    'log-loss': () => multiclassLogLoss(probabilities(), labels, classCount, weights),
    brier: () => multiclassBrierScore(probabilities(), labels, classCount, weights),
    ece: () =>
      expectedCalibrationError(
        calibrationBins(confidenceOfPredicted({ ...sample, scores: probabilities() }), CALIBRATION_BINS),
      ),
    accuracy: () => accuracyOf(confusion()),
    'balanced-accuracy': () => balancedAccuracyOf(confusion()),
    mcc: () => matthewsCorrelationOf(confusion()),
    kappa: () => cohensKappaOf(confusion()),
    'macro-f1': () => macroF1Of(confusion()),
    'macro-precision': () => macroPrecisionOf(confusion()),
    'macro-recall': () => macroRecallOf(confusion()),
    'top-k-accuracy': (k) => topKAccuracy(sample, k),
  };
}
