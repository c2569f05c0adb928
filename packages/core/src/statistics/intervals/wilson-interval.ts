import { normalQuantile } from '../distributions/normal';
import type { Interval } from '../../manifest/evaluation';
import type { Proportion } from './weighted-metric';

/**
 * Interval of a probability of which this share was seen.
 *
 * @param trials at least 1, independent of each other
 * @param confidence such as 0.95
 * Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
 *   Statistical Association 22, 1927.
 */
export function wilsonInterval({ successes, trials }: Proportion, confidence: number): Interval {
  const z = normalQuantile(0.5 + confidence / 2);
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // The ends that are 0 and 1 by the formula miss them by a rounding.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - reach),
    high: successes === trials ? 1 : Math.min(1, centre + reach),
    method: 'wilson',
  };
}
