import type { RankedScores } from './ranked-scores';

/**
 * Chooses which points of a curve to draw when there are too many: those where the way along the curve first passes
 * each of `maxPoints - 1` equal parts. The points chosen lie on the curve; none is made up.
 */
export class CurveThinning {
  private passed = 0;

  /** @param parts into how many the way is divided */
  constructor(private readonly parts: number) {}

  /** @param way share of the way along the curve, in [0, 1], never falling */
  keeps(way: number): boolean {
    const part = Math.floor(way * this.parts);
    if (part <= this.passed) return false;
    this.passed = part;
    return true;
  }
}

/**
 * Of a curve with a point a distinct score and one more.
 *
 * @returns none when all points may stay
 * @throws RangeError when the curve would have fewer than two points
 */
export function thinningFor(ranked: RankedScores, maxPoints: number): CurveThinning | undefined {
  if (!Number.isInteger(maxPoints) || maxPoints < 2) {
    throw new RangeError(`a curve needs a whole number of at least 2 points, not ${maxPoints}`);
  }
  let distinct = 0;
  ranked.forEachDescending(() => distinct++);
  return distinct + 1 <= maxPoints ? undefined : new CurveThinning(maxPoints - 1);
}
