/**
 * p values adjusted so that the share of families with any false alarm is at most alpha (Holm's step-down).
 *
 * @returns in the order given, each in [0, 1]
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
 */
export function holm(ps: readonly number[]): number[] {
  let largest = 0;
  return adjust(
    ps,
    rising(ps),
    (p, rank) => (largest = Math.max(largest, Math.min(1, p * (ps.length - rank)))),
  );
}

/**
 * p values adjusted so that the share of false alarms among all alarms is at most the level.
 *
 * @returns in the order given, each in [0, 1]
 * Source: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995.
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  let smallest = 1;
  return adjust(
    ps,
    rising(ps).reverse(),
    (p, rank) => (smallest = Math.min(smallest, (p * ps.length) / (ps.length - rank))),
  );
}

/** Places of the values, the smallest first. */
function rising(ps: readonly number[]): number[] {
  return ps.map((_, index) => index).sort((one, other) => (ps[one] as number) - (ps[other] as number));
}

/** @param each called in the order of the places; its rank there counts from 0 */
function adjust(
  ps: readonly number[],
  places: readonly number[],
  each: (p: number, rank: number) => number,
): number[] {
  const adjusted = new Array<number>(ps.length);
  places.forEach((place, rank) => (adjusted[place] = each(ps[place] as number, rank)));
  return adjusted;
}
