import type { Calibration, Curves, Evaluation } from '@nx-mlops/core';
import { formatNumber } from '../../format';
import { formatShare } from '../../inline-chart/chart';
import type { Point } from '../../svg/down-sample';
import { chartInk, chartSeries } from '../../vega/chart-theme';
import type { VegaChart } from '../../vega/render-chart';
import { axisOf, guideLayer, lineSpec, PLOT, type LineSeries } from './line-chart';

/** An evaluation whose curve is drawn, this model's first. */
export interface Contender {
  readonly title: string;
  readonly evaluation: Evaluation;
}

type ThresholdPoint = NonNullable<Curves['thresholds']>[number];

const unit: readonly [number, number] = [0, 1];

/** ROC curves of this model and its baselines. */
export function rocChart(contenders: readonly Contender[]): VegaChart | undefined {
  const series = curvesOf(contenders, ({ curves }) => curves?.roc);
  if (series[0] === undefined) return undefined;
  return {
    id: 'roc',
    title: 'ROC curve',
    description: describe(
      contenders,
      series,
      'roc-auc',
      (x, y) => `a true positive rate of ${y} at a false positive rate of ${x}`,
    ),
    spec: lineSpec({
      series,
      x: { title: 'false positive rate', domain: unit },
      y: { title: 'true positive rate', domain: unit },
      guide: [
        [0, 0],
        [1, 1],
      ],
    }),
  };
}

/** Precision over recall of this model and its baselines. */
export function precisionRecallChart(contenders: readonly Contender[]): VegaChart | undefined {
  const series = curvesOf(contenders, ({ curves }) => curves?.precisionRecall);
  if (series[0] === undefined) return undefined;
  return {
    id: 'precision-recall',
    title: 'Precision and recall',
    description: describe(contenders, series, 'pr-auc', (x, y) => `a precision of ${y} at a recall of ${x}`),
    spec: lineSpec({
      series,
      x: { title: 'recall', domain: unit },
      y: { title: 'precision', domain: unit },
    }),
  };
}

/** What moves with the threshold, and the threshold in use. */
export function thresholdChart({ curves, threshold }: Evaluation): VegaChart | undefined {
  const sweep = curves?.thresholds;
  if (sweep === undefined || sweep.length === 0) return undefined;
  const line = (name: string, value: (at: ThresholdPoint) => number | null): LineSeries => ({
    name,
    points: sweep.flatMap((at): Point[] => {
      const y = value(at);
      return y === null ? [] : [[at.threshold, y]];
    }),
  });
  return {
    id: 'thresholds',
    title: 'Threshold',
    description: `Precision, recall, F1 and the share of rows predicted positive, as the threshold moves from ${formatNumber(sweep[0]?.threshold)} to ${formatNumber(sweep[sweep.length - 1]?.threshold)}${threshold === undefined ? '' : `; in use is ${formatNumber(threshold)}`}`,
    spec: lineSpec({
      series: [
        line('precision', ({ precision }) => precision),
        line('recall', ({ recall }) => recall),
        line('F1', ({ f1 }) => f1),
        line('selected', ({ selectionRate }) => selectionRate),
      ],
      x: { title: 'threshold', domain: unit },
      y: { title: 'share', domain: unit },
      ...(threshold === undefined ? {} : { marker: threshold }),
    }),
  };
}

/** Observed share over mean score of each bin, with Wilson's interval: on the diagonal a score is a probability. */
export function reliabilityChart(calibration: Calibration | undefined): VegaChart | undefined {
  if (calibration === undefined || calibration.bins.length === 0) return undefined;
  const { bins, ece } = calibration;
  const most = Math.max(...bins.flatMap(({ high, meanScore }) => [high, meanScore]));
  const end = Math.min(1, Math.max(0.1, Math.ceil(most * 10) / 10));
  const domain: readonly [number, number] = [0, end];
  const bounds = (low: string, high: string) => ({
    x: axisOf('score', { title: 'mean score', domain }),
    y: axisOf(low, { title: 'observed share', domain }),
    y2: { field: high },
  });
  return {
    id: 'reliability',
    title: 'Reliability',
    description: `${bins.length} bins of equal count, expected calibration error ${formatNumber(ece)}: ${bins
      .map(({ meanScore, observed }) => `score ${formatShare(meanScore)}, observed ${formatShare(observed)}`)
      .join('; ')}`,
    spec: {
      ...PLOT,
      data: {
        values: bins.map(({ meanScore, observed, low, high }) => ({ score: meanScore, observed, low, high })),
      },
      layer: [
        guideLayer([
          [0, 0],
          [end, end],
        ]),
        {
          mark: { type: 'rule', color: chartSeries[0] as string, strokeWidth: 1.5 },
          encoding: bounds('low', 'high'),
        },
        {
          mark: { type: 'line', color: chartSeries[0] as string, strokeOpacity: 0.5 },
          encoding: {
            x: axisOf('score', { title: 'mean score', domain }),
            y: axisOf('observed', { title: 'observed share', domain }),
          },
        },
        {
          mark: {
            type: 'point',
            filled: true,
            size: 36,
            opacity: 1,
            color: chartSeries[0] as string,
            stroke: chartInk.text,
            strokeWidth: 0,
          },
          encoding: {
            x: axisOf('score', { title: 'mean score', domain }),
            y: axisOf('observed', { title: 'observed share', domain }),
          },
        },
      ],
    },
  };
}

function curvesOf(
  contenders: readonly Contender[],
  curve: (evaluation: Evaluation) => readonly Point[] | undefined,
): LineSeries[] {
  return contenders.flatMap(({ title, evaluation }) => {
    const points = curve(evaluation);
    return points === undefined || points.length === 0 ? [] : [{ name: title, points }];
  });
}

function describe(
  contenders: readonly Contender[],
  series: readonly LineSeries[],
  metric: string,
  at: (x: string, y: string) => string,
): string {
  return series
    .map(({ name, points }) => {
      const area = contenders.find(({ title }) => title === name)?.evaluation.metrics[metric];
      const some = [0.1, 0.5].flatMap((x) => {
        const point = points.find((candidate) => candidate[0] >= x);
        return point === undefined ? [] : [at(formatShare(point[0]), formatShare(point[1]))];
      });
      return `${name}: ${[...(area === undefined || area === null ? [] : [`area ${formatNumber(area)}`]), ...some].join(', ')}`;
    })
    .join('. ');
}
