import { coordinate, seriesColour, type Panel } from './document';
import { downSample, type Point } from './down-sample';
import { legend, plotFrame, type Axis } from './plot-frame';
import { domainOf } from './scale';

export interface Series {
  readonly name: string;
  /** For a line: x rising. Points that are not finite are left out. */
  readonly points: readonly Point[];
  /** A line, or a dot a point. */
  readonly marks?: 'line' | 'dots';
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** A dashed line for comparison, such as the diagonal of a ROC curve. */
  readonly guide?: readonly [Point, Point];
  /** Pixels; 640 × 280 when left out. */
  readonly width?: number;
  readonly height?: number;
}

/** A chart of lines or dots. A series of more than 300 points is thinned. */
export function lineChart(chart: LineChart): Panel {
  const { width = 640, height = 280 } = chart;
  const series = chart.series.map((item) => ({ ...item, points: drawable(item) }));
  const all = [...series.flatMap((item) => item.points), ...(chart.guide ?? [])];
  const frame = plotFrame({
    title: chart.title,
    width,
    height,
    x: {
      ...chart.x,
      domain:
        chart.x.domain ??
        domainOf(
          all.map(([x]) => x),
          0,
        ),
    },
    y: { label: chart.y.label, domain: chart.y.domain ?? domainOf(all.map(([, y]) => y)) },
  });
  const at = ([x, y]: Point) => `${coordinate(frame.x(x))},${coordinate(frame.y(y))}`;
  const dots = (points: readonly Point[], colour: string) =>
    points.map(
      ([x, y]) =>
        `<circle cx="${coordinate(frame.x(x))}" cy="${coordinate(frame.y(y))}" r="2.2" fill="${colour}" fill-opacity="0.6"/>`,
    );
  const marks = series.flatMap(({ points, marks: kind }, index) => {
    const colour = seriesColour(index);
    // A line of one point has no length, so it is drawn as a dot.
    return kind === 'dots' || points.length === 1
      ? dots(points, colour)
      : points.length === 0
        ? []
        : [`<polyline class="line" stroke="${colour}" points="${points.map(at).join(' ')}"/>`];
  });
  return {
    width,
    height,
    body: [
      ...frame.elements,
      ...(chart.guide === undefined
        ? []
        : [`<polyline class="guide" points="${chart.guide.map(at).join(' ')}"/>`]),
      ...marks,
      ...legend(
        frame,
        series.map(({ name }, index) => ({ name, colour: seriesColour(index) })),
      ),
    ].join('\n'),
  };
}

function drawable({ points, marks }: Series): readonly Point[] {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  return marks === 'dots' ? everyNth(finite) : downSample(finite);
}

/** At most 300 points at even distances in the order given. */
function everyNth(points: readonly Point[], limit = 300): readonly Point[] {
  if (points.length <= limit) return points;
  return Array.from(
    { length: limit },
    (_, index) => points[Math.floor((index * points.length) / limit)] as Point,
  );
}
