import { normalQuantile } from './distributions/normal';

/**
 * Subjects that each arm of a test of two means needs: n = 2·σ²·(z₁₋α/₂ + z₁₋β)² / δ², rounded up (two-sided, equal
 * arms; Chow, Shao, Wang, "Sample Size Calculations in Clinical Research", 3.2.1).
 *
 * @param input.standardDeviation σ of one outcome, > 0
 * @param input.minimumEffect δ, > 0
 * @param input.alpha 0 to 1, two-sided
 * @param input.power 1 − β, 0 to 1
 */
export function plannedSample(input: {
  readonly standardDeviation: number;
  readonly minimumEffect: number;
  readonly alpha: number;
  readonly power: number;
}): number {
  const { standardDeviation, minimumEffect, alpha, power } = input;
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  return Math.max(1, Math.ceil((2 * (standardDeviation * z) ** 2) / minimumEffect ** 2));
}
