import { rankRows } from './ranked-rows';
import type { WeightedMetric } from './weighted-metric';

export interface MedianMetric extends WeightedMetric {
  /** What the median is of. */
  readonly column: Float64Array;
  /** The smallest value at or below which at least a share of the weight lies; shares beyond 0 and 1 are those. */
  quantilesAt(weights: Float64Array): (share: number) => number;
}

/**
 * The weighted median of a column: the value at which the weight of the smaller ones reaches half; where it is exactly
 * half, the mean of that value and the next.
 *
 * The derivatives are those of the quantile estimator, (1/2 - [x <= median]) / density / weight, with the density taken
 * from the distance of the quantiles around the median: a median has no exact ones.
 *
 * Source: B. Bofinger, Estimation of a density function using order statistics, Australian Journal of Statistics 17, 1975.
 */
export function medianByWeight(column: Float64Array): MedianMetric {
  const { order } = rankRows(column);
  const totalOf = (weights: Float64Array) => {
    let total = 0;
    for (let entry = 0; entry < weights.length; entry++) total += weights[entry] as number;
    return total;
  };
  /** Place in the order at which the summed weight reaches this much. */
  const placeOf = (weights: Float64Array, reached: number) => {
    let sum = 0;
    for (let place = 0; place < order.length; place++) {
      sum += weights[order[place] as number] as number;
      if (sum >= reached && sum > 0) return { place, exact: sum === reached };
    }
    return { place: order.length - 1, exact: false };
  };
  const valueAt = (weights: Float64Array): number | null => {
    const total = totalOf(weights);
    if (total === 0) return null;
    const { place, exact } = placeOf(weights, total / 2);
    const lower = column[order[place] as number] as number;
    if (!exact) return lower;
    let next = place + 1;
    while (weights[order[next] as number] === 0) next++;
    const upper = column[order[next] as number] as number;
    return lower + (upper - lower) / 2;
  };
  const quantilesAt = (weights: Float64Array) => {
    const total = totalOf(weights);
    return (share: number) => {
      const { place } = placeOf(weights, Math.min(1, Math.max(0, share)) * total);
      return column[order[place] as number] as number;
    };
  };

  return {
    column,
    valueAt,
    quantilesAt,
    derivativesAt: (weights) => {
      const median = valueAt(weights) as number;
      const total = totalOf(weights);
      const entries = weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
      const reach = Math.min(0.4, 0.9 * entries ** -0.2);
      const quantile = quantilesAt(weights);
      // How far the value moves for a share of the weight: one over the density.
      const sparsity = (quantile(0.5 + reach) - quantile(0.5 - reach)) / (2 * reach);
      return Float64Array.from(column, (value) => {
        const below = value < median ? 1 : value === median ? 0.5 : 0;
        return ((0.5 - below) * sparsity) / total;
      });
    },
    range: [0, Infinity],
  };
}

export function isMedian(metric: WeightedMetric): metric is MedianMetric {
  return 'quantilesAt' in metric;
}
