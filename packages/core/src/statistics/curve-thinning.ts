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

/** @throws RangeError when a curve would have fewer than two points */
export function checkedPointCount(maxPoints: number): number {
  if (Number.isInteger(maxPoints) && maxPoints >= 2) return maxPoints;
  throw new RangeError(`a curve needs a whole number of at least 2 points, not ${maxPoints}`);
}
