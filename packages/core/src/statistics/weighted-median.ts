import { medianInPlace } from './median';

/**
 * The median of values that count by their weights, as in scikit-learn's `median_absolute_error`: the first value at
 * which half of the weight is reached, or its mean with the next one where that half ends exactly there. Equal weights
 * give the usual median.
 *
 * @param values finite; sorted in place when there are no weights
 * @returns null when there are no values, or none with a weight above 0
 */
export function weightedMedian(values: Float64Array, weights?: Float64Array): number | null {
  if (weights === undefined) return medianInPlace(values);
  const order = Uint32Array.from(values, (_, index) => index)
    .filter((index) => (weights[index] as number) > 0)
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const cumulated = new Float64Array(order.length);
  let sum = 0;
  order.forEach((index, rank) => {
    sum += weights[index] as number;
    cumulated[rank] = sum;
  });
  const rank = cumulated.findIndex((each) => each >= sum / 2);
  if (rank === -1) return null;
  const at = (index: number) => values[order[index] as number] as number;
  const endsHere = (cumulated[rank] as number) - sum / 2 <= Number.EPSILON;
  return endsHere && rank + 1 < order.length ? (at(rank) + at(rank + 1)) / 2 : at(rank);
}
