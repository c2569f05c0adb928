import { MlopsError } from '../errors/mlops-error';

/**
 * Jensen-Shannon distance of two histograms over the same bins: the root of the Jensen-Shannon divergence to base 2.
 *
 * @param reference counts per bin, ≥ 0, total > 0
 * @param current counts per bin, ≥ 0, total > 0, as many
 * @returns in [0, 1]: 0 for equal shares, 1 for histograms without a bin in common
 * @throws MlopsError MLOPS_STATS_LENGTH_MISMATCH, MLOPS_STATS_EMPTY when a total is 0
 */
export function jensenShannonDistance(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = shares(reference, current);
  let divergence = 0;
  p.forEach((share, bin) => {
    const other = q[bin] as number;
    const middle = (share + other) / 2;
    if (share > 0) divergence += (share * Math.log2(share / middle)) / 2;
    if (other > 0) divergence += (other * Math.log2(other / middle)) / 2;
  });
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}

/**
 * Population stability index between two histograms over the same bins.
 *
 * @param floor share that an empty bin counts as, in (0, 1); @default 1e-4
 * @returns in nats, ≥ 0. Not free of sample size: for equal populations about (bins - 1)(1/n + 1/m)
 * @throws MlopsError as `jensenShannonDistance`
 */
export function populationStabilityIndex(
  reference: readonly number[],
  current: readonly number[],
  floor = 1e-4,
): number {
  const [p, q] = shares(reference, current);
  return p.reduce((sum, share, bin) => {
    const a = Math.max(share, floor);
    const b = Math.max(q[bin] as number, floor);
    return sum + (b - a) * Math.log(b / a);
  }, 0);
}

/**
 * What the Jensen-Shannon distance (base 2) exceeds in one of a hundred samples although nothing differs. Without a
 * difference PSI ≈ (1/n + 1/m) χ² with bins - 1 degrees of freedom, and the divergence in nats ≈ PSI / 8.
 *
 * @param n rows of the reference, > 0
 * @param m rows of the current sample, > 0
 * @param bins bins in which either has a row
 * Source: B. Yurdakul, J. Naranjo, Statistical properties of the population stability index, 2020.
 */
export function jensenShannonNoise99(n: number, m: number, bins: number): number {
  if (bins < 2) return 0;
  const psi = (1 / n + 1 / m) * chiSquared99(bins - 1);
  return Math.min(1, Math.sqrt(psi / (8 * Math.LN2)));
}

/** The 99 % quantile of χ², by Wilson and Hilferty: within 0.7 % for one degree of freedom, closer for more. */
function chiSquared99(degrees: number): number {
  const z = 2.3263478740408408;
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + z * Math.sqrt(spread)) ** 3;
}

function shares(reference: readonly number[], current: readonly number[]): [number[], number[]] {
  if (reference.length !== current.length) {
    throw new MlopsError(
      'MLOPS_STATS_LENGTH_MISMATCH',
      `Two histograms are compared that have ${reference.length} and ${current.length} bins; they must be of the same bins.`,
    );
  }
  return [sharesOf(reference), sharesOf(current)];
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0))
    throw new MlopsError('MLOPS_STATS_EMPTY', 'A histogram without a row cannot be compared.');
  return counts.map((count) => count / total);
}
