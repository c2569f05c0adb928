import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';
import type { Sample } from './sample';

/**
 * The named metrics of a sample, defined as scikit-learn's, weights and ties included.
 *
 * @returns by name, in the order of the names; null where a metric is not defined on these rows
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_SCORE_NOT_PROBABILITY, MLOPS_SCORE_NOT_DISTRIBUTION with the first
 *   row, counted from 0; MLOPS_LABEL_RANGE; MLOPS_LENGTH_MISMATCH; MLOPS_METRIC_UNFIT
 */
export function measureSample(sample: Sample, names: readonly MetricName[]): MetricValues {
  throw new Error(`contract only: ${sample.task} ${names.join()}`);
}
