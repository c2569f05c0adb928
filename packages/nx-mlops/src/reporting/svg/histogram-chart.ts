import { coordinate, seriesColour, type Panel } from './document';
import { plotFrame } from './plot-frame';

/**
 * Bars of equal meaning over bins.
 *
 * @param chart.edges rising, one more than counts
 */
export function histogramChart(chart: {
  readonly title: string;
  readonly xLabel: string;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}): Panel {
  const [width, height] = [640, 280];
  const frame = plotFrame({
    title: chart.title,
    width,
    height,
    x: { label: chart.xLabel, domain: [chart.edges[0] ?? 0, chart.edges[chart.edges.length - 1] ?? 1] },
    y: { label: 'rows', domain: [0, Math.max(1, ...chart.counts) * 1.05] },
  });
  const bars = chart.counts.map((count, index) => {
    const left = frame.x(chart.edges[index] as number);
    const right = frame.x(chart.edges[index + 1] as number);
    const top = frame.y(count);
    return `<rect x="${coordinate(left + 0.5)}" y="${coordinate(top)}" width="${coordinate(Math.max(0.5, right - left - 1))}" height="${coordinate(frame.inner.bottom - top)}" fill="${seriesColour(0)}"/>`;
  });
  return { width, height, body: [...frame.elements, ...bars].join('\n') };
}
