import { logGamma } from './log-gamma';

const PRECISION = 1e-16;
/** Keeps a continued fraction from dividing by 0. */
const TINY = 1e-300;

/** The share of the gamma function up to x and the one beyond it; they sum to 1, and the smaller one has all its digits. */
export interface IncompleteGamma {
  /** P(a, x). */
  readonly lower: number;
  /** Q(a, x). */
  readonly upper: number;
}

/**
 * The regularised incomplete gamma functions.
 *
 * @param a above 0
 * @param x at least 0
 * Source: W. Press et al., Numerical Recipes, 3rd edition, 2007, section 6.2: the series below a + 1, Lentz's continued
 *   fraction above.
 */
export function incompleteGamma(a: number, x: number): IncompleteGamma {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    const lower = Math.min(1, scale * series(a, x));
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, scale * continuedFraction(a, x));
  return { lower: 1 - upper, upper };
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let denominator = a + 1; term > sum * PRECISION; denominator++) {
    term *= x / denominator;
    sum += term;
  }
  return sum;
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let step = 1; ; step++) {
    const numerator = -step * (step - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    const factor = c * d;
    result *= factor;
    // The factor may alternate between the two numbers beside 1.
    if (Math.abs(factor - 1) <= 4 * PRECISION) return result;
  }
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
