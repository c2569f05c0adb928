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
  /** The same where all entries count alike, for metrics of which that is several times as quick. */
  readonly unweighted?: () => UnweightedMetric;
  /** Smallest and largest value that the metric can have. */
  readonly range: readonly [number, number];
  /** Set for the area under the ROC curve, for which DeLong's method is there. */
  readonly isRocAuc?: true;
  /** Of a metric that is a share of entries: how many of how many, where all count alike. */
  readonly proportion?: () => Proportion;
}

/** A metric of rows that count alike. */
export interface UnweightedMetric {
  /** Null where the metric is not defined. */
  readonly value: number | null;
  /** Squares of the derivatives, summed over the rows of each class. Asked for only where there is a value. */
  squaresByClass(): readonly number[];
}

export interface Proportion {
  readonly successes: number;
  readonly trials: number;
}

/** The weights of the entries themselves, 1 where there are none. */
export function ownWeights({ count, weights }: Entries): Float64Array {
  return weights ?? new Float64Array(count).fill(1);
}

/** The metric of the entries as they are. */
export function ownValue(metric: WeightedMetric, entries: Entries): number | null {
  if (entries.weights === undefined && metric.unweighted !== undefined) return metric.unweighted().value;
  return metric.valueAt(ownWeights(entries));
}
