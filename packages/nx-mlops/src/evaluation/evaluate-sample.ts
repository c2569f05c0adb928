import {
  baselinePredictions,
  checkLabelledScores,
  calibrationOf,
  classResults,
  confusionOf,
  directionOf,
  groupFairness,
  measureSample,
  metricIntervals,
  rankScores,
  rankSorted,
  sortRows,
  type ClassLabel,
  type Evaluation,
  type MetricName,
  type RankedScores,
  type Sample,
  type SortedRows,
} from '@nx-mlops/core';
import { rowsByValue } from './coded-column';
import { curvesOf } from './curves';
import { measureSlices } from './measure-slices';
import type { SliceColumn } from './slice-columns';
import { sliceResults } from './slice-results';
import { warningsOf } from './warnings';

/** Groups with fewer rows are shown but not compared: their rates are noise. */
export const fairnessMinRows = 50;

/** A model's answers beside the truth, however they came about, and what to measure of them. */
export interface MeasuredSample {
  readonly sample: Sample;
  readonly metrics: readonly MetricName[];
  /** Of the intervals, such as 0.95. */
  readonly confidence: number;
  /** Classification: the labels, in the order of the class indices. */
  readonly classes?: readonly ClassLabel[];
  readonly slices: readonly SliceColumn[];
  /** Features with few values that were not sliced. */
  readonly automaticLeftOut: readonly string[];
  /** The split as people name it, such as `flights:test`. */
  readonly where: string;
}

/** What an evaluation says of a sample. */
export type Measurements = Pick<
  Evaluation,
  | 'metrics'
  | 'intervals'
  | 'directions'
  | 'baseline'
  | 'confusion'
  | 'perClass'
  | 'calibration'
  | 'curves'
  | 'slices'
  | 'fairness'
  | 'warnings'
>;

/**
 * Measures a sample: the metrics with their intervals, over all rows and by slice, beside a model that ignores its
 * features; what charts are drawn from; and what a reader must know of how far the figures can be trusted.
 *
 * @throws MlopsError what `measureSample` throws of scores that are none, with the row, counted from 0; the signal's reason
 */
export async function evaluateSample(measured: MeasuredSample, signal?: AbortSignal): Promise<Measurements> {
  const { sample, metrics: names, confidence, classes = [], slices } = measured;
  const sorted = sortedRowsOf(sample);
  const ranked = sorted && rankSorted(sorted);
  // First of all, for it tells scores that are none.
  const metrics = measureSample(sample, names, ranked);
  const stop = new AbortController();
  const slicesMeasured = measureSlices(
    { sample, names, confidence, ...(sorted && { sorted }) },
    slices.filter(({ kind }) => kind !== 'fairness'),
    { signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]) },
  );
  try {
    const classification = classificationOf(sample, classes, confidence, ranked);
    const rest = {
      intervals: metricIntervals(sample, names, { confidence, ...(ranked && { ranked }) }),
      directions: Object.fromEntries(names.map((name) => [name, directionOf(name) ?? 'higher'])),
      baseline: baselineOf(sample, names),
      ...classification,
      ...curvesOf(sample),
      fairness: fairnessOf(sample, slices, confidence),
      warnings: warningsOf(measured, classification.confusion),
    };
    return { metrics, ...rest, slices: sliceResults(await slicesMeasured, names[0]) };
  } finally {
    // Where something else failed, nobody waits for the slices.
    stop.abort();
    await slicesMeasured.catch(() => undefined);
  }
}

/** Sorted once for all that ranks them: rows of two classes that count alike. */
function sortedRowsOf(sample: Sample): SortedRows | undefined {
  if (sample.task !== 'binary-classification' || sample.weights !== undefined) return undefined;
  checkLabelledScores(sample);
  return sortRows(sample);
}

function baselineOf(measured: Sample, names: readonly MetricName[]): Evaluation['baseline'] {
  const { strategy, sample } = baselinePredictions(measured);
  const ranked =
    sample.task === 'binary-classification' && sample.weights === undefined ? rankScores(sample) : undefined;
  return { strategy, metrics: measureSample(sample, names, ranked) };
}

/** What only classes have. */
function classificationOf(
  sample: Sample,
  classes: readonly ClassLabel[],
  confidence: number,
  ranked: RankedScores | undefined,
): Pick<Evaluation, 'confusion' | 'perClass' | 'calibration'> {
  if (sample.task !== 'binary-classification' && sample.task !== 'multiclass-classification') return {};
  const calibration = calibrationOf(sample, confidence, ranked);
  return {
    confusion: confusionOf(sample, ranked),
    perClass: classResults(sample, classes, ranked),
    ...(calibration === undefined ? {} : { calibration }),
  };
}

function fairnessOf(
  sample: Sample,
  slices: readonly SliceColumn[],
  confidence: number,
): Evaluation['fairness'] {
  if (sample.task !== 'binary-classification') return [];
  return slices
    .filter(({ kind }) => kind === 'fairness')
    .map((column) => {
      const rows = rowsByValue(column);
      const groups = column.values.map((value, code) => ({ value, rows: rows[code] as Uint32Array }));
      return groupFairness(sample, column.name, groups, { minRows: fairnessMinRows, confidence });
    });
}
