import type { WeightedMetric } from './weighted-metric';

/** A metric that is a smooth function of a few weighted sums over the entries. */
export interface SumMetric {
  /** What is summed: each a number an entry. */
  readonly columns: readonly Float64Array[];
  /** @param sums of the weights, then of each column by the weights */
  value(sums: readonly number[]): number | null;
  /** Derivative of the value by each of the sums. */
  gradient(sums: readonly number[]): readonly number[];
  readonly range: readonly [number, number];
}

/** By the chain rule: an entry's weight adds 1 to the first sum, and what its columns say to the others. */
export function sumMetric({ columns, value, gradient, range }: SumMetric): WeightedMetric {
  const sumsAt = (weights: Float64Array) => [
    sum(weights),
    ...columns.map((column) => sumOfProducts(weights, column)),
  ];
  return {
    valueAt: (weights) => value(sumsAt(weights)),
    derivativesAt: (weights) => {
      const [byWeight = 0, ...byColumn] = gradient(sumsAt(weights));
      const derivatives = new Float64Array(weights.length).fill(byWeight);
      columns.forEach((column, at) => {
        const slope = byColumn[at] as number;
        for (let entry = 0; entry < derivatives.length; entry++) {
          derivatives[entry] = (derivatives[entry] as number) + slope * (column[entry] as number);
        }
      });
      return derivatives;
    },
    range,
  };
}

/** The weighted mean of a column; not defined where the weights sum to 0. */
export function meanMetric(column: Float64Array, range: readonly [number, number]): WeightedMetric {
  return sumMetric({
    columns: [column],
    value: ([weight, total]) => (weight === 0 ? null : (total as number) / (weight as number)),
    gradient: ([weight, total]) => [-(total as number) / (weight as number) ** 2, 1 / (weight as number)],
    range,
  });
}

/** The share of entries whose column is 1; it is 0 for the others. */
export function shareMetric(column: Float64Array): WeightedMetric {
  return {
    ...meanMetric(column, [0, 1]),
    proportion: () => ({ successes: sum(column), trials: column.length }),
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let entry = 0; entry < values.length; entry++) total += values[entry] as number;
  return total;
}

function sumOfProducts(weights: Float64Array, column: Float64Array): number {
  let total = 0;
  for (let entry = 0; entry < column.length; entry++) {
    total += (weights[entry] as number) * (column[entry] as number);
  }
  return total;
}
