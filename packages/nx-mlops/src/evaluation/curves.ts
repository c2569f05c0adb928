import {
  precisionRecallCurve,
  rankScores,
  rocCurve,
  rowsOf,
  takeRows,
  type BinarySample,
  type Curves,
  type RegressionSample,
  type Sample,
} from '@nx-mlops/core';

/** Points of a line: more make no pixel of difference. */
const maximumPoints = 300;
/** A table of thresholds is read, not only drawn. */
const maximumThresholds = 100;
/** Rows that a curve is drawn from: more make no pixel of difference and sort for seconds. */
const drawnRows = 250_000;
const residualBins = 40;

/** What the charts of a report are drawn from. */
export function curvesOf(sample: Sample): { readonly curves?: Curves } {
  switch (sample.task) {
    case 'binary-classification':
      return { curves: binaryCurves(takeRows(sample, evenRows(rowsOf(sample), drawnRows))) };
    case 'regression':
      return { curves: regressionCurves(sample) };
    case 'multiclass-classification':
    case 'ranking':
      return {};
  }
}

function binaryCurves(sample: BinarySample): Curves {
  return {
    roc: rocCurve(sample, maximumPoints).map(({ falsePositiveRate, truePositiveRate }) => [
      drawn(falsePositiveRate),
      drawn(truePositiveRate),
    ]),
    precisionRecall: precisionRecallCurve(sample, maximumPoints).map(({ recall, precision }) => [
      drawn(recall),
      drawn(precision),
    ]),
    thresholds: thresholdCurve(sample),
  };
}

/** From the highest score down, the way down the scores in even parts of the rows. */
function thresholdCurve(sample: BinarySample): NonNullable<Curves['thresholds']> {
  const ranked = rankScores(sample);
  const all = ranked.negatives + ranked.positives;
  const points: NonNullable<Curves['thresholds']> = [];
  let falsePositives = 0;
  let truePositives = 0;
  let passed = -1;
  ranked.forEachDescending((threshold, negatives, positives) => {
    falsePositives += negatives;
    truePositives += positives;
    const predicted = falsePositives + truePositives;
    const part = Math.floor((predicted / all) * (maximumThresholds - 1));
    if (part <= passed) return;
    passed = part;
    const missed = ranked.positives - truePositives;
    points.push({
      threshold: drawn(threshold),
      precision: share(truePositives, predicted),
      recall: share(truePositives, ranked.positives),
      f1: share(2 * truePositives, 2 * truePositives + falsePositives + missed),
      selectionRate: drawn(predicted / all),
    });
  });
  return points;
}

function regressionCurves({ scores, targets }: RegressionSample): Curves {
  const rows = targets.length;
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < rows; row++) {
    const residual = (scores[row] as number) - (targets[row] as number);
    if (residual < low) low = residual;
    if (residual > high) high = residual;
  }
  if (!(high > low)) [low, high] = [low - 0.5, low + 0.5];
  const counts = new Array<number>(residualBins).fill(0);
  for (let row = 0; row < rows; row++) {
    const way = ((scores[row] as number) - (targets[row] as number) - low) / (high - low);
    const bin = Math.min(residualBins - 1, Math.max(0, Math.floor(way * residualBins)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const edges = Array.from(
    { length: residualBins + 1 },
    (_, index) => low + ((high - low) * index) / residualBins,
  );
  return {
    residuals: { edges, counts },
    predictions: Array.from(evenRows(rows, maximumPoints), (row): [number, number] => [
      drawn(targets[row] as number),
      drawn(scores[row] as number),
    ]),
  };
}

/** Row numbers at even distances, so that the same split gives the same picture. */
function evenRows(rows: number, limit: number): Uint32Array {
  const count = Math.min(rows, limit);
  return Uint32Array.from({ length: count }, (_, index) => Math.floor((index * rows) / count));
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : drawn(part / whole);
}

/** Digits beyond the sixth cannot be seen, and make evaluation.json three times as long. */
function drawn(value: number): number {
  return Number(value.toPrecision(6));
}
