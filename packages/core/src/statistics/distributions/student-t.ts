import { incompleteBeta } from './incomplete-beta';
import { normalQuantile } from './normal';

/**
 * Probability that a variable of Student's t distribution is at most t.
 *
 * @param degreesOfFreedom above 0
 */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  const tail = incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** From here on the normal distribution differs by less than a ten-thousandth of itself. */
const MANY = 10_000;

/**
 * The t below which a variable of Student's t distribution lies with this probability, to about 12 digits.
 *
 * @param probability in (0, 1)
 * @param degreesOfFreedom at least 1; 10,000 and more are taken as normal
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom >= MANY) return normalQuantile(probability);
  if (probability < 0.5) return -studentTQuantile(1 - probability, degreesOfFreedom);
  // The tail is heavier than the normal one, so its quantile lies beyond that.
  let low = normalQuantile(probability);
  let high = Math.max(1, low);
  while (studentTCdf(high, degreesOfFreedom) < probability) high *= 2;
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTCdf(middle, degreesOfFreedom) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
