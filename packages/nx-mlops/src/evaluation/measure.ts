import {
  baselinePredictions,
  binaryMetrics,
  classesByHighestScore,
  classesByThreshold,
  confusionMatrix,
  multiclassMetrics,
  regressionMetrics,
  type Evaluation,
  type FloatArray,
  type MetricName,
  type MetricValues,
} from '@nx-mlops/core';
import type { PredictedSplit } from './predict-split';
import type { Truth } from './truth-reader';

/** What is measured of a model on a split. */
export type Measurements = Pick<Evaluation, 'metrics' | 'baseline' | 'confusion' | 'slices'>;

/**
 * The metrics over all rows and per slice, those of a model that ignores its features, and the confusion matrix.
 *
 * @param threshold binary classification: a score at or above it is positive
 * @throws MlopsError MLOPS_SCORE_NOT_FINITE, MLOPS_SCORE_NOT_PROBABILITY with the row, counted from 0
 */
export function measureSplit(
  { scores, truth, slices }: Pick<PredictedSplit, 'scores' | 'truth' | 'slices'>,
  names: readonly MetricName[],
  threshold: number,
): Measurements {
  return {
    metrics: metricsOf(scores, truth, names, threshold),
    baseline: baselineOf(truth, names),
    ...confusionOf(scores, truth, threshold),
    slices: slices.map(({ column, value, rows }) => {
      const part = takeRows(scores, truth, rows);
      return {
        column,
        value,
        rows: rows.length,
        metrics: metricsOf(part.scores, part.truth, names, threshold),
      };
    }),
  };
}

function metricsOf(
  scores: FloatArray,
  truth: Truth,
  names: readonly MetricName[],
  threshold: number,
): MetricValues {
  switch (truth.task) {
    case 'binary-classification':
      return binaryMetrics({ scores, labels: truth.labels, threshold }, names);
    case 'multiclass-classification':
      return multiclassMetrics({ scores, labels: truth.labels, classCount: truth.classCount }, names);
    case 'regression':
      return regressionMetrics({ predictions: scores, targets: truth.targets }, names);
  }
}

function baselineOf(truth: Truth, names: readonly MetricName[]): Evaluation['baseline'] {
  switch (truth.task) {
    case 'binary-classification': {
      const { strategy, scores, threshold } = baselinePredictions(truth);
      return { strategy, metrics: metricsOf(scores, truth, names, threshold) };
    }
    case 'multiclass-classification': {
      const { strategy, scores } = baselinePredictions(truth);
      return { strategy, metrics: metricsOf(scores, truth, names, 0.5) };
    }
    case 'regression': {
      const { strategy, predictions } = baselinePredictions(truth);
      return { strategy, metrics: metricsOf(predictions, truth, names, 0.5) };
    }
  }
}

function confusionOf(scores: FloatArray, truth: Truth, threshold: number): Pick<Evaluation, 'confusion'> {
  switch (truth.task) {
    case 'binary-classification':
      return { confusion: confusionMatrix(truth.labels, classesByThreshold(scores, threshold), 2) };
    case 'multiclass-classification': {
      const { labels, classCount } = truth;
      return { confusion: confusionMatrix(labels, classesByHighestScore(scores, classCount), classCount) };
    }
    case 'regression':
      return {};
  }
}

/** The scores and the truth of some rows, in their order. */
export function takeRows<Kind extends Truth>(
  scores: FloatArray,
  truth: Kind,
  rows: Uint32Array,
): { readonly scores: FloatArray; readonly truth: Kind };
export function takeRows(
  scores: FloatArray,
  truth: Truth,
  rows: Uint32Array,
): { scores: FloatArray; truth: Truth } {
  switch (truth.task) {
    case 'binary-classification':
      return { scores: takeScores(scores, rows, 1), truth: { ...truth, labels: rowsOf(truth.labels, rows) } };
    case 'multiclass-classification':
      return {
        scores: takeScores(scores, rows, truth.classCount),
        truth: { ...truth, labels: rowsOf(truth.labels, rows) },
      };
    case 'regression':
      return {
        scores: takeScores(scores, rows, 1),
        truth: { ...truth, targets: rowsOf(truth.targets, rows) },
      };
  }
}

function rowsOf<Values extends Uint8Array | Uint16Array | Float64Array>(
  values: Values,
  rows: Uint32Array,
): Values {
  const taken = values.slice(0, rows.length) as Values;
  for (let index = 0; index < rows.length; index++) taken[index] = values[rows[index] as number] as number;
  return taken;
}

function takeScores(scores: FloatArray, rows: Uint32Array, perRow: number): FloatArray {
  const taken =
    scores instanceof Float32Array
      ? new Float32Array(rows.length * perRow)
      : new Float64Array(rows.length * perRow);
  for (let index = 0; index < rows.length; index++) {
    const from = (rows[index] as number) * perRow;
    for (let at = 0; at < perRow; at++) taken[index * perRow + at] = scores[from + at] as number;
  }
  return taken;
}
