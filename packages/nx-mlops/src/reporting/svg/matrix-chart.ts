import { formatCount } from '../format';
import { coordinate, seriesColour, shorten, svgText, type Panel } from './document';

/**
 * A confusion matrix: rows are true classes, columns predicted ones. The deeper the colour, the larger the share of
 * its row.
 *
 * @param chart.counts `[class][class]`, in the order of the labels
 */
export function matrixChart(chart: {
  readonly title: string;
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}): Panel {
  const size = Math.max(34, Math.min(110, Math.floor(440 / Math.max(1, chart.labels.length))));
  const letters = Math.max(4, Math.floor(size / 7));
  const [left, top] = [150, 74];
  const cells = chart.counts.flatMap((row, y) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, x) => [
      `<rect x="${coordinate(left + x * size)}" y="${coordinate(top + y * size)}" width="${size - 2}" height="${size - 2}" rx="3" fill="${seriesColour(0)}" fill-opacity="${coordinate(total === 0 ? 0.04 : 0.04 + (0.6 * count) / total)}"/>`,
      svgText(left + (x + 0.5) * size - 1, top + (y + 0.5) * size + 3, compact(count, letters), {
        anchor: 'middle',
      }),
    ]);
  });
  const labels = chart.labels.flatMap((label, index) => [
    svgText(left - 8, top + (index + 0.5) * size + 3, shorten(label, 18), {
      anchor: 'end',
      className: 'muted',
    }),
    svgText(left + (index + 0.5) * size - 1, top - 8, shorten(label, letters), {
      anchor: 'middle',
      className: 'muted',
    }),
  ]);
  return {
    width: Math.max(360, left + chart.labels.length * size + 24),
    height: top + chart.labels.length * size + 24,
    body: [
      svgText(24, 20, chart.title, { className: 'title' }),
      svgText(24, 44, 'rows: true class, columns: predicted class', { className: 'muted' }),
      ...labels,
      ...cells,
    ].join('\n'),
  };
}

/** A count that fits into so many letters: `1,234`, `12k`, `3M`. */
function compact(count: number, letters: number): string {
  const whole = formatCount(count);
  if (whole.length <= letters) return whole;
  return count >= 1e6 ? `${Math.round(count / 1e6)}M` : `${Math.round(count / 1000)}k`;
}
