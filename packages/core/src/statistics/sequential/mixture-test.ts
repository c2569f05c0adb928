/**
 * Likelihood ratio of a difference of two means against none, mixed over differences N(0, τ²): the mixture sequential
 * probability ratio test. Whoever rejects "no difference" as soon as it is 1/alpha or more, is wrong at most in a share
 * alpha of all cases, however often they look.
 *
 * Λ = √(V/(V+τ²)) · exp(τ²d² / (2V(V+τ²)))
 *
 * @param difference d, of the means
 * @param variance V, of the difference as estimated, > 0
 * @param effect τ, the size of the differences that matter, > 0
 * Source: H. Robbins, Statistical methods related to the law of the iterated logarithm, 1970; R. Johari, P. Koomen,
 *   L. Pekelis, D. Walsh, Peeking at A/B tests, KDD 2017.
 */
export function mixtureLikelihoodRatio(difference: number, variance: number, effect: number): number {
  const total = variance + effect ** 2;
  return Math.sqrt(variance / total) * Math.exp((effect ** 2 * difference ** 2) / (2 * variance * total));
}

/**
 * Half the width of the confidence sequence that goes with that test: `difference ± reach` holds the true difference at
 * all looks at once, but for a share alpha of all cases. It leaves 0 out exactly when the ratio is 1/alpha or more.
 *
 * @param alpha two-sided, in (0, 1)
 */
export function mixtureReach(variance: number, effect: number, alpha: number): number {
  const total = variance + effect ** 2;
  return Math.sqrt(((variance * total) / effect ** 2) * (Math.log(total / variance) - 2 * Math.log(alpha)));
}
