import { incompleteBeta } from './incomplete-beta';
import { logGamma } from './log-gamma';
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
  // The tail is heavier than the normal one, so the quantile lies beyond that; and since the distribution bends down from
  // its middle on, Newton's steps from the left never pass it.
  let t = normalQuantile(probability);
  for (;;) {
    const step = (probability - studentTCdf(t, degreesOfFreedom)) / density(t, degreesOfFreedom);
    t += step;
    if (step <= 1e-14 * t) return t;
  }
}

function density(t: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  const scale = logGamma(half + 0.5) - logGamma(half) - Math.log(degreesOfFreedom * Math.PI) / 2;
  return Math.exp(scale - (half + 0.5) * Math.log1p((t * t) / degreesOfFreedom));
}
