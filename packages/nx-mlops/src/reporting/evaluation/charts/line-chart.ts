import type { TopLevelSpec } from 'vega-lite';
import { visibleText, cutText } from '../../html/escape';
import { downSample, type Point } from '../../svg/down-sample';
import { chartDashes, chartInk, chartSeries } from '../../vega/chart-theme';

/** A layer of a chart. */
export type ChartLayer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

/** Pixels of the plot inside a chart: with its axes it is as wide as a telephone. */
export const PLOT = { width: 268, height: 216 } as const;

export interface LineSeries {
  readonly name: string;
  /** x rising. */
  readonly points: readonly Point[];
}

export interface Axis {
  readonly title: string;
  readonly domain: readonly [number, number];
}

/** Lines of at most 300 points; the first is this model's. */
export function lineSpec(chart: {
  readonly series: readonly LineSeries[];
  readonly x: Axis;
  readonly y: Axis;
  /** A straight dashed line, such as that of guessing. */
  readonly guide?: readonly [Point, Point];
  /** A vertical line at a value of x, such as the threshold in use. */
  readonly marker?: number;
}): TopLevelSpec {
  const names = chart.series.map(({ name }) => visibleText(cutText(name, 40)));
  const values = chart.series.flatMap(({ points }, index) =>
    downSample(points).map(([x, y], step) => ({ x, y, step, series: names[index] })),
  );
  // More than three names do not fit beside each other.
  const legend = names.length === 1 ? null : { columns: names.length > 3 ? 2 : names.length };
  const lines: ChartLayer = {
    data: { values },
    mark: { type: 'line' },
    encoding: {
      x: axisOf('x', chart.x),
      y: axisOf('y', chart.y),
      // As they come: ties of x on a curve are steps.
      order: { field: 'step', type: 'quantitative' },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: names, range: chartSeries.slice(0, names.length) },
        legend,
      },
      strokeDash: {
        field: 'series',
        type: 'nominal',
        scale: { domain: names, range: chartDashes.slice(0, names.length) },
        legend,
      },
    },
  };
  return {
    ...PLOT,
    layer: [
      ...(chart.guide === undefined ? [] : [guideLayer(chart.guide)]),
      ...(chart.marker === undefined ? [] : [markerLayer(chart.marker)]),
      lines,
    ],
  };
}

export function axisOf(field: string, { title, domain }: Axis) {
  return {
    field,
    type: 'quantitative' as const,
    title,
    scale: { domain: [...domain], nice: false },
  };
}

export function guideLayer([from, to]: readonly [Point, Point]): ChartLayer {
  return {
    data: { values: [from, to].map(([x, y]) => ({ x, y })) },
    mark: { type: 'line', color: chartInk.muted, strokeWidth: 1, strokeDash: [4, 4] },
    encoding: {
      x: { field: 'x', type: 'quantitative' },
      y: { field: 'y', type: 'quantitative' },
    },
  };
}

export function markerLayer(x: number): ChartLayer {
  return {
    data: { values: [{ x }] },
    mark: { type: 'rule', color: chartInk.text, strokeDash: [3, 3] },
    encoding: { x: { field: 'x', type: 'quantitative' } },
  };
}
