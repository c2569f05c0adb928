import { incompleteBeta } from './incomplete-beta';

/**
 * Probability of at most k successes in n trials.
 *
 * @param probability of a success, in [0, 1]
 */
export function binomialCdf(k: number, n: number, probability: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(1 - probability, n - k, k + 1);
}

/**
 * p of exactly this many successes or something as unlikely, when each side is as likely: the exact sign test.
 *
 * @param k successes in n trials
 * @returns two-sided, in (0, 1]; 1 when there are no trials
 */
export function exactSignTest(k: number, n: number): number {
  return Math.min(1, 2 * binomialCdf(Math.min(k, n - k), n, 0.5));
}
