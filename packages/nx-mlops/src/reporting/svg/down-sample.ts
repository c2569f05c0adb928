/** A point of a line: x rising. */
export type Point = readonly [x: number, y: number];

/** Most points that a line of a chart keeps: more cannot be seen at its width and only swell the file. */
export const maximumPoints = 300;

/**
 * Fewer points that draw the same line: of each bucket the point that spans the largest triangle with its neighbours,
 * so that peaks and dips stay. The first and the last point always stay.
 *
 * @param points x rising, all finite
 * @param limit at least 3
 * Source: S. Steinarsson, Downsampling Time Series for Visual Representation, University of Iceland, 2013 (LTTB).
 */
export function downSample(points: readonly Point[], limit: number = maximumPoints): readonly Point[] {
  if (points.length <= limit) return points;
  const bucket = (index: number) => Math.floor((index * (points.length - 2)) / (limit - 2)) + 1;
  const kept: Point[] = [points[0] as Point];
  for (let index = 0; index < limit - 2; index++) {
    const next = mean(points, bucket(index + 1), Math.min(bucket(index + 2), points.length));
    kept.push(
      largestTriangle(points, bucket(index), bucket(index + 1), kept[kept.length - 1] as Point, next),
    );
  }
  kept.push(points[points.length - 1] as Point);
  return kept;
}

function mean(points: readonly Point[], from: number, to: number): Point {
  if (to <= from) return points[points.length - 1] as Point;
  let x = 0;
  let y = 0;
  for (let index = from; index < to; index++) {
    x += (points[index] as Point)[0];
    y += (points[index] as Point)[1];
  }
  return [x / (to - from), y / (to - from)];
}

function largestTriangle(points: readonly Point[], from: number, to: number, a: Point, c: Point): Point {
  let best = points[from] as Point;
  let largest = -1;
  for (let index = from; index < to; index++) {
    const b = points[index] as Point;
    const area = Math.abs((a[0] - c[0]) * (b[1] - a[1]) - (a[0] - b[0]) * (c[1] - a[1]));
    if (area > largest) {
      largest = area;
      best = b;
    }
  }
  return best;
}
