import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';
import { checkFinite, checkLabels, checkProbabilities, checkSameLength } from './check-input';
import { accuracyOf, balancedAccuracyOf, confusionMatrix, macroF1Of } from './confusion-matrix';
import { multiclassLogLoss } from './log-loss';
import { measure, once } from './measure';
import type { FloatArray } from './numbers';
import { classesByHighestScore } from './predicted-classes';

/** A classifier's answers beside the truth. */
export interface MulticlassPredictions {
  /** Probabilities, row-major `[rows, classCount]`. */
  readonly scores: FloatArray;
  /** Class index a row, in the order of the scores. */
  readonly labels: Uint16Array | Int32Array;
  readonly classCount: number;
}

/**
 * The named metrics, defined as scikit-learn's. The class with the highest score is predicted; of equal ones the first.
 *
 * @returns by name; null where a metric is not defined on these rows, such as any with no rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE; MLOPS_SCORE_NOT_PROBABILITY when log loss is asked for and a score is not
 *   in [0, 1]; MLOPS_LABEL_RANGE; MLOPS_LENGTH_MISMATCH; MLOPS_METRIC_UNFIT
 */
export function multiclassMetrics(
  { scores, labels, classCount }: MulticlassPredictions,
  names: readonly MetricName[],
): MetricValues {
  checkSameLength('scores', scores.length, 'rows times classes', labels.length * classCount);
  checkFinite(scores, 'score', classCount);
  checkLabels(labels, classCount);
  const confusion = once(() =>
    confusionMatrix(labels, classesByHighestScore(scores, classCount), classCount),
  );
  return measure(
    {
      'log-loss': () => {
        checkProbabilities(scores, classCount);
        return multiclassLogLoss(scores, labels, classCount);
      },
      accuracy: () => accuracyOf(confusion()),
      'balanced-accuracy': () => balancedAccuracyOf(confusion()),
      'macro-f1': () => macroF1Of(confusion()),
    },
    names,
    'multiclass-classification',
  );
}
