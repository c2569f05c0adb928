import { coordinate, seriesColour, type Panel } from './document';
import { downSample, type Point } from './down-sample';
import { legend, plotFrame, type Axis } from './plot-frame';
import { domainOf } from './scale';

export interface Series {
  readonly name: string;
  /** For a line: x rising. Points that are not finite are left out. */
  readonly points: readonly Point[];
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Pixels. */
const width = 640;
const height = 280;

/** A chart of lines. A series of more than 300 points is thinned. */
export function lineChart(chart: LineChart): Panel {
  const series = chart.series.map((item) => ({ ...item, points: drawable(item) }));
  const all = series.flatMap((item) => item.points);
  const frame = plotFrame({
    title: chart.title,
    width,
    height,
    x: {
      ...chart.x,
      domain: domainOf(
        all.map(([x]) => x),
        0,
      ),
    },
    y: { ...chart.y, domain: domainOf(all.map(([, y]) => y)) },
  });
  const at = ([x, y]: Point) => `${coordinate(frame.x(x))},${coordinate(frame.y(y))}`;
  const dot = ([x, y]: Point, colour: string) =>
    `<circle cx="${coordinate(frame.x(x))}" cy="${coordinate(frame.y(y))}" r="2.2" fill="${colour}" fill-opacity="0.6"/>`;
  const marks = series.flatMap(({ points }, index) => {
    const colour = seriesColour(index);
    const [first] = points;
    if (first === undefined) return [];
    // A line of one point has no length, so it is drawn as a dot.
    if (points.length === 1) return [dot(first, colour)];
    return [`<polyline class="line" stroke="${colour}" points="${points.map(at).join(' ')}"/>`];
  });
  return {
    width,
    height,
    body: [
      ...frame.elements,
      ...marks,
      ...legend(
        frame,
        series.map(({ name }, index) => ({ name, colour: seriesColour(index) })),
      ),
    ].join('\n'),
  };
}

function drawable({ points }: Series): readonly Point[] {
  return downSample(points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)));
}
