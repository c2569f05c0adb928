import { checkFinite, checkSameLength, checkWeights } from './check-input';
import type { MetricFunctions } from './measure';
import { ratio } from './numbers';
import type { RegressionSample } from './sample';
import { weightedMean, weightedSum } from './weighted-mean';
import { weightedMedian } from './weighted-median';

/** The metrics of a regression. Null of no rows, `r2` also of a constant target, `wape` also of targets that are all 0. */
export function regressionMetrics({
  scores,
  targets,
  weights,
}: RegressionSample): MetricFunctions<'regression'> {
  const rows = targets.length;
  checkSameLength('predictions', scores.length, 'targets', rows);
  checkFinite(scores, 'prediction');
  checkFinite(targets, 'target');
  checkWeights(weights, rows);
  const error = (row: number) => (scores[row] as number) - (targets[row] as number);
  const absoluteError = (row: number) => Math.abs(error(row));
  const absoluteTarget = (row: number) => Math.abs(targets[row] as number);
  const meanOf = (term: (row: number) => number) => weightedMean(rows, term, weights);
  const sumOf = (term: (row: number) => number) => weightedSum(rows, term, weights);
  return {
    mae: () => meanOf(absoluteError),
    rmse: () => rootOf(meanOf((row) => error(row) ** 2)),
    r2: () => {
      const spread = sumOfSquaredDeviations(targets, weights);
      return spread === 0 ? null : 1 - sumOf((row) => error(row) ** 2) / spread;
    },
    'mean-error': () => meanOf(error),
    'median-absolute-error': () =>
      weightedMedian(
        Float64Array.from({ length: rows }, (_, row) => absoluteError(row)),
        weights,
      ),
    'max-error': () => largest(rows, absoluteError, weights),
    // A target of 0 counts as the smallest number that scikit-learn's mean_absolute_percentage_error divides by.
    mape: () => meanOf((row) => absoluteError(row) / Math.max(absoluteTarget(row), Number.EPSILON)),
    wape: () => ratio(sumOf(absoluteError), sumOf(absoluteTarget)),
  };
}

/**
 * About the mean, in a second pass, so that a large offset costs no digits. 0 exactly when all values that count are
 * equal.
 */
function sumOfSquaredDeviations(values: Float64Array, weights?: Float64Array): number {
  const counts = (row: number) => weights === undefined || (weights[row] as number) > 0;
  const first = values.find((_, row) => counts(row));
  if (first === undefined || values.every((value, row) => value === first || !counts(row))) return 0;
  const mean = weightedMean(values.length, (row) => values[row] as number, weights) ?? 0;
  return weightedSum(values.length, (row) => ((values[row] as number) - mean) ** 2, weights);
}

function rootOf(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}

/** Of the rows that have a weight. */
function largest(rows: number, term: (row: number) => number, weights?: Float64Array): number | null {
  let result: number | null = null;
  for (let row = 0; row < rows; row++) {
    if (weights?.[row] !== 0) result = Math.max(result ?? -Infinity, term(row));
  }
  return result;
}
