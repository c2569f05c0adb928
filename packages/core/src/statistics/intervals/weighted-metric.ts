/**
 * What a metric is computed over, one entry a row of the sample (of a ranking: a query).
 */
export interface Entries {
  readonly count: number;
  /** At least 0. All count alike when left out. */
  readonly weights?: Float64Array;
  /** Code of the group of each entry: entries of a group are not independent of each other. */
  readonly groups?: Uint32Array;
}

/**
 * A metric as a function of how much each entry counts: all that intervals and comparisons need to know of it. A
 * bootstrap replicate is the value at other weights; the jackknife goes by the derivatives.
 */
export interface WeightedMetric {
  /**
   * O(entries), without sorting.
   *
   * @param weights one an entry, at least 0
   * @returns null where the metric is not defined
   */
  valueAt(weights: Float64Array): number | null;
  /**
   * Derivative of the value by the weight of each entry, at these weights. The metric does not change when all weights
   * double, so weights times derivatives sum to 0. To be asked for only where `valueAt` has a value.
   */
  derivativesAt(weights: Float64Array): Float64Array;
  /** Smallest and largest value that the metric can have. */
  readonly range: readonly [number, number];
  /** Set for the area under the ROC curve, for which DeLong's method is there. */
  readonly isRocAuc?: true;
  /** Of a metric that is a share of entries: how many of how many, where all count alike. */
  readonly proportion?: () => Proportion;
}

export interface Proportion {
  readonly successes: number;
  readonly trials: number;
}

/** The weights of the entries themselves, 1 where there are none. */
export function ownWeights({ count, weights }: Entries): Float64Array {
  return weights ?? new Float64Array(count).fill(1);
}
