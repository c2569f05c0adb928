import type { FloatArray } from '../numbers';
import type { RankedRows } from './ranked-rows';
import type { WeightedMetric } from './weighted-metric';

const BINS = 10;

/**
 * Expected calibration error over bins of equal weight by rising score; rows with equal scores share the bin of their
 * middle. The bins move with the weights.
 *
 * The derivatives take the bins as they are: that a weight also moves the borders is left out, which is of the order of
 * one row in n.
 *
 * @param scores what is foretold: the probability of the positive, or of the predicted class
 * @param hits 1 where it came true
 */
export function calibrationErrorByWeight(
  { order, starts }: RankedRows,
  scores: FloatArray,
  hits: Float64Array | Uint8Array,
): WeightedMetric {
  /** In each bin, how much too high the scores are, times the weight; and which bin each row is in. */
  const gather = (weights: Float64Array, binOf?: Uint8Array) => {
    const excess = new Float64Array(BINS);
    let total = 0;
    for (const weight of weights) total += weight;
    let below = 0;
    for (let tie = 0; tie + 1 < starts.length; tie++) {
      const start = starts[tie] as number;
      const end = starts[tie + 1] as number;
      let tied = 0;
      let sum = 0;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        const weight = weights[row] as number;
        tied += weight;
        sum += weight * ((scores[row] as number) - (hits[row] as number));
      }
      const bin = Math.min(BINS - 1, Math.floor(((below + tied / 2) * BINS) / total));
      below += tied;
      excess[bin] = (excess[bin] as number) + sum;
      if (binOf !== undefined)
        for (let place = start; place < end; place++) binOf[order[place] as number] = bin;
    }
    return { excess, total };
  };
  const errorOf = (excess: Float64Array, total: number) =>
    excess.reduce((sum, each) => sum + Math.abs(each), 0) / total;

  return {
    valueAt: (weights) => {
      const { excess, total } = gather(weights);
      return total === 0 ? null : errorOf(excess, total);
    },
    derivativesAt: (weights) => {
      const binOf = new Uint8Array(weights.length);
      const { excess, total } = gather(weights, binOf);
      const error = errorOf(excess, total);
      return Float64Array.from(
        binOf,
        (bin, row) =>
          (Math.sign(excess[bin] as number) * ((scores[row] as number) - (hits[row] as number)) - error) /
          total,
      );
    },
    range: [0, 1],
  };
}
