// Once, and not for each number: under Jest the look-up of a global takes longer than all the rest.
const { acos, cos, log, max, min, sign, sqrt, PI } = Math;

/** Of how many trials how many were successes. Neither need be whole: shares within a histogram's bin are not. */
export interface ProportionCounts {
  readonly successes: number;
  readonly trials: number;
}

/**
 * How far two shares are from differing, first less second, by `tested`: the root of the deviance, with the sign of the
 * excess. About standard normal where the shares do differ by that; unlike a difference over its standard error also where
 * only few successes are expected, of which one can be many standard errors.
 *
 * @param tested in (-1, 1)
 * @returns above 0 when they differ by more
 * Source: the signed root of the likelihood ratio, O. Barndorff-Nielsen, D. Cox, Inference and Asymptotics, 1994, 4.2; the
 *   likeliest pair of shares with a given difference in closed form, C. Farrington, G. Manning, Statistics in Medicine 9,
 *   1990.
 */
export function proportionDifferenceRoot(
  first: ProportionCounts,
  second: ProportionCounts,
  tested: number,
): number {
  const seen = [first.successes / first.trials, second.successes / second.trials] as const;
  const p = likeliestShare(first, second, tested);
  const deviance =
    2 *
    (logLikelihood(first, seen[0]) -
      logLikelihood(first, p) +
      logLikelihood(second, seen[1]) -
      logLikelihood(second, p - tested));
  return sign(seen[0] - seen[1] - tested) * sqrt(max(0, deviance));
}

/**
 * The differences that are no further from the data than that: the profile likelihood interval.
 *
 * @param quantile of the root, to each side
 * @returns within [-1, 1]
 */
export function proportionDifferenceBounds(
  first: ProportionCounts,
  second: ProportionCounts,
  quantile: number,
): { readonly low: number; readonly high: number } {
  const difference = first.successes / first.trials - second.successes / second.trials;
  const root = (tested: number) => proportionDifferenceRoot(first, second, tested);
  return {
    low: bisect(-1, difference, (tested) => root(tested) > quantile),
    high: bisect(difference, 1, (tested) => root(tested) > -quantile),
  };
}

/** Where a condition that holds from `low` on ceases to, to ten digits. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  for (let step = 0; step < 36; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function logLikelihood({ successes, trials }: ProportionCounts, share: number): number {
  const failures = trials - successes;
  return (
    (successes === 0 ? 0 : successes * log(max(0, share))) +
    (failures === 0 ? 0 : failures * log(max(0, 1 - share)))
  );
}

/** The share of the first that makes the data likeliest, that of the second being less by `tested`. */
function likeliestShare(first: ProportionCounts, second: ProportionCounts, tested: number): number {
  const theta = second.trials / first.trials;
  const p1 = first.successes / first.trials;
  const p2 = second.successes / second.trials;
  const a = 1 + theta;
  const b = -(1 + theta + p1 + theta * p2 + tested * (theta + 2));
  const c = tested ** 2 + tested * (2 * p1 + theta + 1) + p1 + theta * p2;
  const d = -p1 * tested * (1 + tested);
  const third = b / (3 * a);
  const v = third ** 3 - (b * c) / (6 * a ** 2) + d / (2 * a);
  const u = sign(v || 1) * sqrt(max(0, third ** 2 - c / (3 * a)));
  const cosine = u === 0 ? 0 : min(1, max(-1, v / u ** 3));
  const w = (PI + acos(cosine)) / 3;
  const low = max(0, tested);
  const high = min(1, 1 + tested);
  return min(high, max(low, 2 * u * cos(w) - third));
}
