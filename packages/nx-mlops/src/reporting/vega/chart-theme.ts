import type { Config } from 'vega-lite';
import { seriesColour } from '../svg/document';

/** Ink of a chart, as the page's style sheet names it, so that the reader's theme reaches the chart. */
export const chartInk = { text: 'var(--ink)', muted: 'var(--muted)', line: 'var(--line)' } as const;

/** Colours of series in order: this model, then its baselines. */
export const chartSeries = Array.from({ length: 6 }, (_, index) => seriesColour(index));
/** Dashes that tell the series apart without colour. */
export const chartDashes: readonly number[][] = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [12, 3]];

const labels = {
  labelColor: chartInk.muted,
  titleColor: chartInk.text,
  labelFontSize: 11,
  titleFontSize: 11,
  titleFontWeight: 'normal',
} as const;

/** Quiet, and in colours that read on light and dark ground. */
export const chartTheme: Config = {
  // A picture with a title and a description; a name on each of three hundred marks would drown them.
  aria: false,
  background: 'transparent',
  padding: 2,
  view: { stroke: null },
  range: { category: chartSeries },
  axis: {
    ...labels,
    gridColor: chartInk.line,
    domainColor: chartInk.line,
    tickColor: chartInk.line,
    tickCount: 5,
  },
  legend: {
    ...labels,
    orient: 'top',
    title: null,
    symbolType: 'stroke',
    symbolStrokeWidth: 2,
    labelLimit: 240,
    columnPadding: 8,
    rowPadding: 2,
    padding: 0,
  },
  line: { strokeWidth: 1.75, strokeJoin: 'round' },
  rule: { color: chartInk.muted },
  text: { color: chartInk.text, fontSize: 11 },
};
