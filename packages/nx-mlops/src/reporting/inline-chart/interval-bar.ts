import { linearScale, type Domain } from '../svg/scale';
import { pixel } from './chart';

const WIDTH = 160;
const HEIGHT = 18;
const middle = HEIGHT / 2;

export interface IntervalBar {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** What the bars of a column share, so that they can be compared. */
  readonly domain: Domain;
  /** A limit: a line across. */
  readonly limits?: readonly number[];
  /** What it is held against, such as no difference: a fine dashed line. */
  readonly reference?: number;
  /** Class of its colour. */
  readonly tone: 'fail' | 'warn' | 'info' | 'pass' | 'skip';
}

/**
 * A value with its confidence interval on a line, a row of a forest plot. It repeats what stands beside it in figures, so
 * screen readers pass over it.
 */
export function intervalBar({
  value,
  low = value,
  high = value,
  domain,
  limits = [],
  reference,
  tone,
}: IntervalBar): string {
  const scale = linearScale(domain, [6, WIDTH - 6]);
  const x = (at: number) => pixel(Math.min(WIDTH - 2, Math.max(2, scale(at))));
  return [
    `<svg class="ib t-${tone}" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">`,
    `<path class="x" d="M0 ${middle}H${WIDTH}"/>`,
    ...(reference === undefined ? [] : [`<path class="ref" d="M${x(reference)} 0V${HEIGHT}"/>`]),
    ...limits.map((limit) => `<path class="lim" d="M${x(limit)} 1V${HEIGHT - 1}"/>`),
    `<path class="iv" d="M${x(low)} ${middle}H${x(high)}"/>`,
    `<circle cx="${x(value)}" cy="${middle}" r="4"/>`,
    '</svg>',
  ].join('');
}
