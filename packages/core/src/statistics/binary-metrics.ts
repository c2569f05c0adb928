import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';
import { averagePrecision } from './average-precision';
import { brierScore } from './brier-score';
import { checkFinite, checkLabels, checkProbabilities, checkSameLength } from './check-input';
import {
  accuracyOf,
  balancedAccuracyOf,
  confusionMatrix,
  f1Of,
  matthewsCorrelationOf,
  precisionOf,
  recallOf,
} from './confusion-matrix';
import { binaryLogLoss } from './log-loss';
import { measure, once } from './measure';
import type { FloatArray } from './numbers';
import { classesByThreshold } from './predicted-classes';
import { rocAuc } from './roc-auc';
import { scoresByClass } from './scores-by-class';

/** A binary classifier's answers beside the truth, one entry a row. */
export interface BinaryPredictions {
  /** Probability of the positive class. */
  readonly scores: FloatArray;
  /** 1 for the positive class, else 0. */
  readonly labels: Uint8Array;
  /** A score at or above it is predicted positive. */
  readonly threshold: number;
}

/**
 * The named metrics, defined as scikit-learn's. O(n log n), memory one copy of the scores.
 *
 * @returns by name; null where a metric is not defined on these rows, such as ROC AUC with one class only
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE; MLOPS_SCORE_NOT_PROBABILITY when log loss or Brier score is asked for
 *   and a score is not in [0, 1]; MLOPS_LABEL_RANGE; MLOPS_LENGTH_MISMATCH; MLOPS_METRIC_UNFIT
 */
export function binaryMetrics(
  { scores, labels, threshold }: BinaryPredictions,
  names: readonly MetricName[],
): MetricValues {
  checkSameLength('scores', scores.length, 'labels', labels.length);
  checkFinite(scores);
  checkLabels(labels, 2);
  const ranked = once(() => scoresByClass(scores, labels));
  const confusion = once(() => confusionMatrix(labels, classesByThreshold(scores, threshold), 2));
  const probabilities = once(() => {
    checkProbabilities(scores);
    return scores;
  });
  return measure(
    {
      'roc-auc': () => rocAuc(ranked()),
      'pr-auc': () => averagePrecision(ranked()),
      'log-loss': () => binaryLogLoss(probabilities(), labels),
      brier: () => brierScore(probabilities(), labels),
      accuracy: () => accuracyOf(confusion()),
      'balanced-accuracy': () => balancedAccuracyOf(confusion()),
      precision: () => precisionOf(confusion()),
      recall: () => recallOf(confusion()),
      f1: () => f1Of(confusion()),
      mcc: () => matthewsCorrelationOf(confusion()),
    },
    names,
    'binary-classification',
  );
}
