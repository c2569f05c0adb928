import type { Curves } from '@nx-mlops/core';
import { formatNumber, plural } from '../../format';
import { domainOf } from '../../svg/scale';
import { chartSeries } from '../../vega/chart-theme';
import type { VegaChart } from '../../vega/render-chart';
import { axisOf, guideLayer, markerLayer, PLOT } from './line-chart';

/** Rows that are drawn: more hide each other. */
const DRAWN_ROWS = 300;

/** How far the predictions lie from their targets. */
export function residualChart(curves: Curves | undefined): VegaChart | undefined {
  const residuals = curves?.residuals;
  if (residuals === undefined || residuals.counts.length === 0) return undefined;
  const { edges, counts } = residuals;
  const values = counts.map((count, bin) => ({ from: edges[bin], to: edges[bin + 1], count }));
  const densest = values.reduce((best, bin) => (bin.count > best.count ? bin : best));
  const domain: readonly [number, number] = [edges[0] as number, edges[edges.length - 1] as number];
  return {
    id: 'residuals',
    title: 'Residuals',
    description: `${plural(
      counts.reduce((sum, count) => sum + count, 0),
      'row',
    )} by prediction minus target, from ${formatNumber(domain[0])} to ${formatNumber(domain[1])}, most from ${formatNumber(densest.from)} to ${formatNumber(densest.to)}`,
    spec: {
      ...PLOT,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', color: chartSeries[0] as string, opacity: 0.75, binSpacing: 1 },
          encoding: {
            x: { ...axisOf('from', { title: 'prediction minus target', domain }), bin: 'binned' },
            x2: { field: 'to' },
            y: { field: 'count', type: 'quantitative', title: 'rows' },
          },
        },
        markerLayer(0),
      ],
    },
  };
}

/** Prediction over target of some rows, evenly spread; on the diagonal they agree. */
export function predictionChart(curves: Curves | undefined): VegaChart | undefined {
  const points = curves?.predictions;
  if (points === undefined || points.length === 0) return undefined;
  const count = Math.min(points.length, DRAWN_ROWS);
  const shown = Array.from(
    { length: count },
    (_, index) => points[Math.floor((index * points.length) / count)] as [number, number],
  );
  const domain = domainOf(shown.flat());
  return {
    id: 'predictions',
    title: 'Prediction against target',
    description: `${plural(count, 'row')}, evenly spread over the split; targets and predictions from ${formatNumber(domain[0])} to ${formatNumber(domain[1])}`,
    spec: {
      ...PLOT,
      layer: [
        {
          data: { values: shown.map(([target, prediction]) => ({ target, prediction })) },
          mark: { type: 'point', filled: true, size: 14, opacity: 0.45, color: chartSeries[0] as string },
          encoding: {
            x: axisOf('target', { title: 'target', domain }),
            y: axisOf('prediction', { title: 'prediction', domain }),
          },
        },
        guideLayer([
          [domain[0], domain[0]],
          [domain[1], domain[1]],
        ]),
      ],
    },
  };
}
