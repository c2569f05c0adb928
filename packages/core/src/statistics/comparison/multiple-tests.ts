/**
 * p values adjusted so that the share of families with any false alarm is at most alpha (Holm's step-down).
 *
 * @returns in the order given, each in [0, 1]
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
 */
export function holm(ps: readonly number[]): number[] {
  throw new Error(`contract only: ${ps.length}`);
}

/**
 * p values adjusted so that the share of false alarms among all alarms is at most the level.
 *
 * @returns in the order given, each in [0, 1]
 * Source: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995.
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  throw new Error(`contract only: ${ps.length}`);
}
