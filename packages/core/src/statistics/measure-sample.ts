import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';
import { binaryMetrics } from './binary-metrics';
import { measure } from './measure';
import { multiclassMetrics } from './multiclass-metrics';
import type { RankedScores } from './ranked-scores';
import { rankingMetrics } from './ranking-metrics';
import { regressionMetrics } from './regression-metrics';
import type { Sample } from './sample';

/**
 * The named metrics of a sample, defined as scikit-learn's (rankings but NDCG: as trec_eval's), weights and ties
 * included.
 *
 * @param ranked of a binary sample that was checked, where its ranking is there already
 * @returns by name, in the order of the names; null where a metric is not defined on these rows, such as ROC AUC with
 *   one class only, or any without a row that has a weight
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_SCORE_NOT_PROBABILITY, MLOPS_SCORE_NOT_DISTRIBUTION,
 *   MLOPS_WEIGHT_RANGE, MLOPS_RELEVANCE_RANGE, MLOPS_LABEL_RANGE, each with the first row, counted from 0;
 *   MLOPS_LENGTH_MISMATCH; MLOPS_METRIC_UNFIT
 */
export function measureSample(
  sample: Sample,
  names: readonly MetricName[],
  ranked?: RankedScores,
): MetricValues {
  switch (sample.task) {
    case 'binary-classification':
      return measure(binaryMetrics(sample, ranked), names, sample.task);
    case 'multiclass-classification':
      return measure(multiclassMetrics(sample), names, sample.task);
    case 'regression':
      return measure(regressionMetrics(sample), names, sample.task);
    case 'ranking':
      return measure(rankingMetrics(sample), names, sample.task);
  }
}
