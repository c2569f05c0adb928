import {
  checkLabelledScores,
  precisionRecallCurve,
  rankScores,
  residualHistogram,
  rocCurve,
  rowsOf,
  spreadPoints,
  takeRows,
  thresholdSweep,
  type BinarySample,
  type Curves,
  type Sample,
} from '@nx-mlops/core';

/** Points of a line: more make no pixel of difference. */
const maximumPoints = 300;
/** A table of thresholds is read, not only drawn. */
const maximumThresholds = 100;
/** Rows that a curve is drawn from: more make no pixel of difference and sort for seconds. */
const drawnRows = 250_000;

/** What the charts of a report are drawn from. */
export function curvesOf(sample: Sample): { readonly curves?: Curves } {
  switch (sample.task) {
    case 'binary-classification':
      return { curves: binaryCurves(takeRows(sample, evenRows(rowsOf(sample), drawnRows))) };
    case 'regression':
      return {
        curves: {
          residuals: residualHistogram(sample),
          predictions: spreadPoints(sample, maximumPoints).map(([target, prediction]) => [
            drawn(target),
            drawn(prediction),
          ]),
        },
      };
    case 'multiclass-classification':
    case 'ranking':
      return {};
  }
}

function binaryCurves(sample: BinarySample): Curves {
  checkLabelledScores(sample);
  const ranked = rankScores(sample);
  return {
    roc: rocCurve(sample, maximumPoints, ranked).map(({ falsePositiveRate, truePositiveRate }) => [
      drawn(falsePositiveRate),
      drawn(truePositiveRate),
    ]),
    precisionRecall: precisionRecallCurve(sample, maximumPoints, ranked).map(({ recall, precision }) => [
      drawn(recall),
      drawn(precision),
    ]),
    thresholds: thresholdSweep(sample, maximumThresholds, ranked).map((point) => ({
      threshold: drawn(point.threshold),
      precision: drawnOrNull(point.precision),
      recall: drawnOrNull(point.recall),
      f1: drawnOrNull(point.f1),
      selectionRate: drawn(point.selectionRate),
    })),
  };
}

/** Row numbers at even distances, so that the same split gives the same picture. */
function evenRows(rows: number, limit: number): Uint32Array {
  const count = Math.min(rows, limit);
  return Uint32Array.from({ length: count }, (_, index) => Math.floor((index * rows) / count));
}

function drawnOrNull(value: number | null): number | null {
  return value === null ? null : drawn(value);
}

/** Digits beyond the sixth cannot be seen, and make evaluation.json three times as long. */
function drawn(value: number): number {
  return Number(value.toPrecision(6));
}
