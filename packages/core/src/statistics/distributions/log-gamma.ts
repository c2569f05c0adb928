const G = 7;
const COEFFICIENTS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const HALF_LOG_TWO_PI = 0.9189385332046727;

/**
 * Natural logarithm of the gamma function, to about 14 digits.
 *
 * @param x above 0
 * Source: C. Lanczos, A precision approximation of the gamma function, SIAM Journal on Numerical Analysis B 1, 1964, with
 *   the coefficients of P. Godfrey.
 */
export function logGamma(x: number): number {
  // Around 1 and 2 the terms of the series cancel, so the small ones are reached from above.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const shifted = x - 1;
  const [first, ...others] = COEFFICIENTS;
  let sum: number = first;
  others.forEach((coefficient, index) => (sum += coefficient / (shifted + index + 1)));
  const base = shifted + G + 0.5;
  return HALF_LOG_TWO_PI + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}
