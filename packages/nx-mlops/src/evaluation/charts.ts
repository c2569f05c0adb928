import {
  calibrationBins,
  expectedCalibrationError,
  precisionRecallCurve,
  rocCurve,
  type ClassLabel,
  type Evaluation,
  type FloatArray,
} from '@nx-mlops/core';
import { formatNumber } from '../reporting/format';
import { svgDocument, type Panel } from '../reporting/svg/document';
import { maximumPoints, type Point } from '../reporting/svg/down-sample';
import { histogramChart } from '../reporting/svg/histogram-chart';
import { lineChart } from '../reporting/svg/line-chart';
import { matrixChart } from '../reporting/svg/matrix-chart';
import { domainOf } from '../reporting/svg/scale';
import { takeRows } from './measure';
import type { PredictedSplit } from './predict-split';

/** A chart of an evaluation: its title, its file name beside evaluation.json, and its SVG text. */
export interface Chart {
  readonly title: string;
  readonly file: string;
  readonly svg: string;
}

/** Most classes that a confusion matrix is drawn for; the numbers are in evaluation.json in any case. */
const drawnClasses = 25;
/** Rows that a curve is drawn from: more make no pixel of difference and sort for seconds. */
const drawnRows = 250_000;
const calibrationBinCount = 10;
const residualBinCount = 40;

/** The charts of a task: what a reviewer looks at beside the numbers. */
export function evaluationCharts(
  { scores, truth }: Pick<PredictedSplit, 'scores' | 'truth'>,
  { classes = [], confusion }: Pick<Evaluation, 'classes' | 'confusion'>,
): Chart[] {
  switch (truth.task) {
    case 'binary-classification': {
      const drawn = takeRows(scores, truth, sampledRows(truth.labels.length, drawnRows));
      return [
        ...curveCharts(drawn.scores, drawn.truth.labels),
        // Scores that are no probabilities, which a ranking metric allows, cannot be calibrated.
        ...(areProbabilities(drawn.scores) ? [calibrationChart(drawn.scores, drawn.truth.labels)] : []),
        ...confusionChart(classes, confusion),
      ];
    }
    case 'multiclass-classification':
      return confusionChart(classes, confusion);
    case 'regression':
      return residualCharts(scores, truth.targets);
  }
}

function curveCharts(scores: FloatArray, labels: Uint8Array): Chart[] {
  const roc = rocCurve(scores, labels, maximumPoints).map(
    ({ falsePositiveRate, truePositiveRate }): Point => [falsePositiveRate, truePositiveRate],
  );
  const precisionRecall = precisionRecallCurve(scores, labels, maximumPoints).map(
    ({ recall, precision }): Point => [recall, precision],
  );
  return [
    chart('ROC curve', 'roc.svg', [
      lineChart({
        title: 'ROC curve',
        x: { label: 'false positive rate', domain: [0, 1] },
        y: { label: 'true positive rate', domain: [0, 1] },
        guide: [
          [0, 0],
          [1, 1],
        ],
        series: [{ name: 'model', points: roc }],
        width: 440,
        height: 420,
      }),
    ]),
    chart('Precision and recall', 'precision-recall.svg', [
      lineChart({
        title: 'Precision and recall',
        x: { label: 'recall', domain: [0, 1] },
        y: { label: 'precision', domain: [0, 1] },
        series: [{ name: 'model', points: precisionRecall }],
        width: 440,
        height: 420,
      }),
    ]),
  ];
}

function areProbabilities(scores: FloatArray): boolean {
  return scores.every((score) => score >= -1e-6 && score <= 1 + 1e-6);
}

function calibrationChart(scores: FloatArray, labels: Uint8Array): Chart {
  const bins = calibrationBins(scores, labels, calibrationBinCount);
  const error = formatNumber(expectedCalibrationError(bins));
  return chart('Calibration', 'calibration.svg', [
    lineChart({
      title: `Calibration (ECE ${error})`,
      x: { label: `mean score of the bin, ${calibrationBinCount} bins of equal size`, domain: [0, 1] },
      y: { label: 'share of positives', domain: [0, 1] },
      guide: [
        [0, 0],
        [1, 1],
      ],
      series: [
        { name: 'model', points: bins.map(({ meanScore, positiveShare }) => [meanScore, positiveShare]) },
      ],
      width: 440,
      height: 420,
    }),
  ]);
}

function confusionChart(classes: readonly ClassLabel[], confusion: Evaluation['confusion']): Chart[] {
  if (confusion === undefined || classes.length > drawnClasses) return [];
  return [
    chart('Confusion matrix', 'confusion.svg', [
      matrixChart({ title: 'Confusion matrix', labels: classes.map(String), counts: confusion }),
    ]),
  ];
}

function residualCharts(predictions: FloatArray, targets: Float64Array): Chart[] {
  const edges = binEdges(predictions, targets);
  const counts = new Array<number>(residualBinCount).fill(0);
  const [low, high] = [edges[0] as number, edges[residualBinCount] as number];
  for (let row = 0; row < targets.length; row++) {
    const share = ((predictions[row] as number) - (targets[row] as number) - low) / (high - low);
    const bin = Math.min(residualBinCount - 1, Math.max(0, Math.floor(share * residualBinCount)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const sample = Array.from(sampledRows(targets.length, maximumPoints), (row): Point => [
    targets[row] as number,
    predictions[row] as number,
  ]);
  const domain = domainOf(sample.flat());
  return [
    chart('Residuals', 'residuals.svg', [
      histogramChart({ title: 'Residuals', xLabel: 'prediction minus target', edges, counts }),
      lineChart({
        title: `Predictions of ${sample.length} rows`,
        x: { label: 'target', domain },
        y: { label: 'prediction', domain },
        guide: [
          [domain[0], domain[0]],
          [domain[1], domain[1]],
        ],
        series: [{ name: 'rows', points: sample, marks: 'dots' }],
        height: 420,
      }),
    ]),
  ];
}

function binEdges(predictions: FloatArray, targets: Float64Array): number[] {
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < targets.length; row++) {
    const residual = (predictions[row] as number) - (targets[row] as number);
    if (residual < low) low = residual;
    if (residual > high) high = residual;
  }
  if (!(high > low)) [low, high] = [low - 0.5, low + 0.5];
  return Array.from(
    { length: residualBinCount + 1 },
    (_, index) => low + ((high - low) * index) / residualBinCount,
  );
}

/** Row numbers at even distances, so that the same split gives the same picture. */
function sampledRows(rows: number, limit: number): Uint32Array {
  const count = Math.min(rows, limit);
  return Uint32Array.from({ length: count }, (_, index) => Math.floor((index * rows) / count));
}

function chart(title: string, file: string, panels: readonly Panel[]): Chart {
  return { title, file, svg: svgDocument(title, panels) };
}
