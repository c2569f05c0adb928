import { incompleteGamma } from './incomplete-gamma';

/**
 * Probability that a chi-square variable is larger than x.
 *
 * @param degreesOfFreedom above 0
 */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  return incompleteGamma(degreesOfFreedom / 2, x / 2).upper;
}
