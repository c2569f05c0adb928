import type { MetricName } from '../config/metrics';
import type { MetricValues } from '../manifest/evaluation';
import { checkFinite, checkSameLength } from './check-input';
import { compensatedSum } from './compensated-sum';
import { measure } from './measure';
import { medianInPlace } from './median';
import { ratio, type FloatArray } from './numbers';

/** A regression's answers beside the truth, one entry a row, both in units of the target. */
export interface RegressionPredictions {
  readonly predictions: FloatArray;
  readonly targets: FloatArray;
}

/**
 * The named metrics, defined as scikit-learn's.
 *
 * @returns by name; null where a metric is not defined on these rows: any with no rows, `r2` of a constant target
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_LENGTH_MISMATCH, MLOPS_METRIC_UNFIT
 */
export function regressionMetrics(
  { predictions, targets }: RegressionPredictions,
  names: readonly MetricName[],
): MetricValues {
  const rows = targets.length;
  checkSameLength('predictions', predictions.length, 'targets', rows);
  checkFinite(predictions, 'prediction');
  checkFinite(targets, 'target');
  const error = (row: number) => (predictions[row] as number) - (targets[row] as number);
  const meanOf = (term: (row: number) => number) => ratio(compensatedSum(rows, term), rows);
  return measure(
    {
      mae: () => meanOf((row) => Math.abs(error(row))),
      rmse: () => rootOf(meanOf((row) => error(row) ** 2)),
      r2: () => {
        const spread = sumOfSquaredDeviations(targets);
        return spread === 0 ? null : 1 - compensatedSum(rows, (row) => error(row) ** 2) / spread;
      },
      'mean-error': () => meanOf(error),
      'median-absolute-error': () =>
        medianInPlace(Float64Array.from({ length: rows }, (_, row) => Math.abs(error(row)))),
      'max-error': () => (rows === 0 ? null : largest(rows, (row) => Math.abs(error(row)))),
    },
    names,
    'regression',
  );
}

/** About the mean, in a second pass, so that a large offset costs no digits. 0 exactly when all values are equal. */
function sumOfSquaredDeviations(values: FloatArray): number {
  const first = values[0];
  if (first === undefined || values.every((value) => value === first)) return 0;
  const mean = compensatedSum(values.length, (row) => values[row] as number) / values.length;
  return compensatedSum(values.length, (row) => ((values[row] as number) - mean) ** 2);
}

function rootOf(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}

function largest(count: number, term: (index: number) => number): number {
  let result = -Infinity;
  for (let index = 0; index < count; index++) result = Math.max(result, term(index));
  return result;
}
