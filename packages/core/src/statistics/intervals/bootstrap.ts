import { randomSource } from '../distributions/random-source';
import { unitsOf } from './units';
import { ownWeights, type Entries, type WeightedMetric } from './weighted-metric';

/** B: p values and the ends of intervals are whole multiples of 1/B. */
export const REPLICATES = 2_000;

/** With fewer replicates in which the metric is defined, the others are no random omission. */
const FEWEST = REPLICATES / 2;

/** When a config or a caller names none, results repeat all the same. */
const DEFAULT_SEED = 1;

/**
 * The values of metrics when units are drawn anew with replacement, sorted. All metrics see the same draws.
 *
 * @returns by metric; replicates where the metric is not defined are left out, and undefined when those are most
 * Source: B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979.
 */
export function bootstrapValues(
  metrics: readonly WeightedMetric[],
  entries: Entries,
  seed = DEFAULT_SEED,
): (Float64Array | undefined)[] {
  const units = unitsOf(entries);
  const own = ownWeights(entries);
  const random = randomSource(seed);
  const drawn = new Float64Array(units.count);
  const weights = new Float64Array(entries.count);
  const values = metrics.map(() => new Float64Array(REPLICATES));
  const defined = metrics.map(() => 0);
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    drawn.fill(0);
    for (let draw = 0; draw < units.count; draw++) {
      const unit = random.below(units.count);
      drawn[unit] = (drawn[unit] as number) + 1;
    }
    for (let entry = 0; entry < weights.length; entry++) {
      // Of an entry without weight there is no unit, and the product would not be a number.
      const unit = units.ofEntry[entry] as number;
      weights[entry] = unit === -1 ? 0 : (own[entry] as number) * (drawn[unit] as number);
    }
    metrics.forEach((metric, at) => {
      const value = metric.valueAt(weights);
      if (value === null) return;
      (values[at] as Float64Array)[defined[at] as number] = value;
      defined[at] = (defined[at] as number) + 1;
    });
  }
  return values.map((each, at) =>
    (defined[at] as number) < FEWEST ? undefined : each.subarray(0, defined[at]).sort(),
  );
}

/** The quantile of sorted values, between two of them by linear interpolation. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const lower = sorted[Math.floor(place)] as number;
  const upper = sorted[Math.ceil(place)] as number;
  return lower + (upper - lower) * (place - Math.floor(place));
}
