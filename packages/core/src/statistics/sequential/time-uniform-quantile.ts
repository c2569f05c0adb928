/**
 * How many standard errors a standardised sum must be above what it is tested against, so that a test that is looked at
 * after every observation raises a false alarm at most in a share alpha of all cases: the one-sided normal mixture
 * boundary, by its closed form, which is slightly wide. A single look would take the normal quantile, 1.64 for 0.05; this
 * takes 2.8 where the information is as planned and more everywhere else, most of all at the beginning.
 *
 * @param information now, such as the number of observations; > 0
 * @param planned the information at which the boundary is to be tightest, > 0. To be known before the data
 * @param alpha one-sided, in (0, 0.5)
 * Source: S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, Time-uniform, nonparametric, nonasymptotic confidence
 *   sequences, Annals of Statistics 49, 2021: the one-sided normal mixture; for estimated variances as a limit,
 *   I. Waudby-Smith et al., Time-uniform central limit theory and asymptotic confidence sequences, 2021.
 */
export function timeUniformQuantile(information: number, planned: number, alpha: number): number {
  const log = 2 * Math.log(1 / (2 * alpha));
  const rho = planned / (log + Math.log1p(log));
  const ratio = (information + rho) / rho;
  // (v + ρ) / v, written so that it stays finite for a vast plan.
  const scale = ratio / (ratio - 1);
  return Math.sqrt(2 * scale * Math.log(Math.sqrt(ratio) / (2 * alpha) + 1));
}

/**
 * The same for a statistic that is chi-square distributed at each look: what it exceeds at any of all looks at most in a
 * share alpha of the cases in which nothing differs. A mixture over all directions of the difference, by Ville's
 * inequality: ((v + ρ)/v)·(2 ln(1/α) + d·ln((v + ρ)/ρ)).
 *
 * @param degreesOfFreedom d, ≥ 1
 */
export function timeUniformChiSquare(
  information: number,
  planned: number,
  degreesOfFreedom: number,
  alpha: number,
): number {
  const log = 2 * Math.log(1 / alpha);
  // The ratio v/ρ at which the boundary is lowest solves d·r = 2 ln(1/α) + d·ln(1 + r).
  let best = log / degreesOfFreedom + 1;
  for (let step = 0; step < 50; step++) best = log / degreesOfFreedom + Math.log1p(best);
  const ratio = (best * information) / planned;
  return (1 + 1 / ratio) * (log + degreesOfFreedom * Math.log1p(ratio));
}
