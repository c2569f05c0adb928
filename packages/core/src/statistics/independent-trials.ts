import type { Proportion } from './intervals/weighted-metric';
import { ratio } from './numbers';

/**
 * The share of some rows that are a success, as so many successes of so many independent trials that it is known as well:
 * the rows themselves where they count alike and are independent. Else their number is p (1 - p) over the variance of
 * the share, which is linearised over groups (or rows of different weight); where all rows are alike, so that nothing
 * varies, it is Kish's (Σ w)² / Σ w² of the groups.
 *
 * @param rows row numbers
 * @returns undefined when no row has a weight
 * Source: E. L. Korn and B. I. Graubard, Confidence intervals for proportions with small expected number of positive
 *   counts estimated from survey data, Survey Methodology 24, 1998.
 */
export function independentTrials(
  { weights, groups }: { readonly weights?: Float64Array; readonly groups?: Uint32Array },
  rows: Uint32Array,
  isSuccess: (row: number) => boolean,
): Proportion | undefined {
  if (weights === undefined && groups === undefined) {
    let successes = 0;
    for (const row of rows) if (isSuccess(row)) successes++;
    return rows.length === 0 ? undefined : { successes, trials: rows.length };
  }
  const counted = rows.filter((row) => weights?.[row] !== 0);
  const weightOf = (row: number) => weights?.[row] ?? 1;
  let all = 0;
  let successful = 0;
  for (const row of counted) {
    all += weightOf(row);
    if (isSuccess(row)) successful += weightOf(row);
  }
  const share = ratio(successful, all);
  if (share === null) return undefined;
  // By unit: the weight of its rows, and of those the deviations from the share.
  const units = new Map<number, { weight: number; deviation: number }>();
  for (const row of counted) {
    const key = groups?.[row] ?? row;
    const unit = units.get(key) ?? { weight: 0, deviation: 0 };
    unit.weight += weightOf(row);
    unit.deviation += weightOf(row) * ((isSuccess(row) ? 1 : 0) - share);
    units.set(key, unit);
  }
  let squaredWeights = 0;
  let squaredDeviations = 0;
  for (const { weight, deviation } of units.values()) {
    squaredWeights += weight ** 2;
    squaredDeviations += deviation ** 2;
  }
  const variance = (squaredDeviations / all ** 2) * (units.size / Math.max(1, units.size - 1));
  const trials =
    share * (1 - share) > 0 && variance > 0 ? (share * (1 - share)) / variance : all ** 2 / squaredWeights;
  // Groups that happen to be more alike than chance would have them make no more rows than there are.
  const independent = Math.max(1, Math.min(trials, counted.length));
  return { successes: share * independent, trials: independent };
}
