import { normalCdf, normalQuantile } from '@nx-mlops/core';

/**
 * Standard error of an estimate on one side, from the end of its confidence interval there.
 *
 * An interval of a share or of a ROC AUC is not symmetric, so the side that is asked about is taken.
 *
 * @param bound the end of the interval
 * @param confidence of the two-sided interval, such as 0.95
 */
export function errorOnSide(value: number, bound: number, confidence: number): number {
  return Math.abs(bound - value) / normalQuantile((1 + confidence) / 2);
}

/**
 * One-sided p of the true value not being beyond a limit that the estimate is beyond.
 *
 * @param excess how far beyond the estimate is; below 0 when it is within
 * @param standardError 0 where there is no noise
 */
export function chanceOfHolding(excess: number, standardError: number): number {
  if (standardError === 0) return excess > 0 ? 0 : 1;
  return normalCdf(-excess / standardError);
}
