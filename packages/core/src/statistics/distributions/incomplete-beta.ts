import { logGamma } from './log-gamma';

const PRECISION = 4e-16;
/** Keeps the continued fraction from dividing by 0. */
const TINY = 1e-300;

/**
 * The regularised incomplete beta function I_x(a, b): the probability that a beta variable is at most x.
 *
 * @param x in [0, 1]
 * @param a above 0
 * @param b above 0
 * Source: W. Press et al., Numerical Recipes, 3rd edition, 2007, section 6.4: Lentz's continued fraction.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const scale = Math.exp(logScale);
  // The fraction converges quickly on the side of the mean only; the other side is its complement.
  return x < (a + 1) / (a + b + 2)
    ? Math.min(1, (scale * continuedFraction(x, a, b)) / a)
    : Math.max(0, 1 - (scale * continuedFraction(1 - x, b, a)) / b);
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    result *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = c * d;
    result *= factor;
    if (Math.abs(factor - 1) <= PRECISION) return result;
  }
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
