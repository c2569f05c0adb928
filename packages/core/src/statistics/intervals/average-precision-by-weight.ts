import { once } from '../measure';
import type { RankedScores } from '../ranked-scores';
import type { RankedRows } from './ranked-rows';
import type { UnweightedMetric, WeightedMetric } from './weighted-metric';

/**
 * Average precision by weights: with the distinct scores g from the highest down, the positive weight p_g at g, the
 * positive weight A_g and all weight N_g at or above g, and P of all positives, it is Σ p_g (A_g / N_g) / P.
 *
 * A row at k counts in p_k and in A_g and N_g of each g at or below k. So by the weight of a positive row the derivative
 * is (A_k / N_k + Σ p_g / N_g − Σ p_g A_g / N_g² − AP) / P, by that of a negative one −Σ p_g A_g / N_g² / P, with the
 * sums over the g from k down.
 *
 * @param rankedRows asked for when weights are
 * @param rankedScores of rows that count alike
 */
export function averagePrecisionByWeight(
  labels: Uint8Array,
  rankedRows: () => RankedRows,
  rankedScores: () => RankedScores,
): WeightedMetric {
  /** From the highest score down, with the places of its rows, its positive weight, and A and N there. */
  const descend = (
    weights: Float64Array,
    visit: (start: number, end: number, tied: number, positives: number, all: number) => void,
  ) => {
    const { order, starts } = rankedRows();
    let positives = 0;
    let all = 0;
    for (let tie = starts.length - 2; tie >= 0; tie--) {
      const start = starts[tie] as number;
      const end = starts[tie + 1] as number;
      let tied = 0;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        const weight = weights[row] as number;
        all += weight;
        if (labels[row] === 1) tied += weight;
      }
      positives += tied;
      visit(start, end, tied, positives, all);
    }
    return positives;
  };

  const valueAt = (weights: Float64Array): number | null => {
    let sum = 0;
    const total = descend(weights, (_start, _end, tied, positives, all) => {
      if (tied > 0) sum += tied * (positives / all);
    });
    return total === 0 ? null : sum / total;
  };

  const derivativesAt = (weights: Float64Array): Float64Array => {
    let precisions = 0;
    // Both sums over the scores not yet passed: all of them at first.
    let gains = 0;
    let losses = 0;
    const total = descend(weights, (_start, _end, tied, positives, all) => {
      if (tied === 0) return;
      precisions += tied * (positives / all);
      gains += tied / all;
      losses += (tied / all) * (positives / all);
    });
    const average = precisions / total;
    const derivatives = new Float64Array(weights.length);
    const { order } = rankedRows();
    descend(weights, (start, end, tied, positives, all) => {
      const precision = all === 0 ? 1 : positives / all;
      const ofPositive = (precision + gains - losses - average) / total;
      const ofNegative = -losses / total;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        derivatives[row] = labels[row] === 1 ? ofPositive : ofNegative;
      }
      if (tied === 0) return;
      gains -= tied / all;
      losses -= (tied / all) * (positives / all);
    });
    return derivatives;
  };

  return {
    valueAt,
    derivativesAt,
    unweighted: once(() => unweightedAveragePrecision(rankedScores())),
    range: [0, 1],
  };
}

function unweightedAveragePrecision(ranked: RankedScores): UnweightedMetric {
  const descend = (visit: (negatives: number, positives: number, precision: number, all: number) => void) => {
    let found = 0;
    let all = 0;
    ranked.forEachDescending((_score, negatives, positives) => {
      found += positives;
      all += negatives + positives;
      visit(negatives, positives, found / all, all);
    });
  };
  let precisions = 0;
  let gains = 0;
  let losses = 0;
  descend((_negatives, positives, precision, all) => {
    precisions += positives * precision;
    gains += positives / all;
    losses += (positives / all) * precision;
  });
  const average = precisions / ranked.positives;
  let ofPositives = 0;
  let ofNegatives = 0;
  descend((negatives, positives, precision, all) => {
    ofPositives += positives * ((precision + gains - losses - average) / ranked.positives) ** 2;
    ofNegatives += negatives * (losses / ranked.positives) ** 2;
    gains -= positives / all;
    losses -= (positives / all) * precision;
  });
  return {
    value: ranked.positives === 0 ? null : average,
    squaresByClass: () => [ofNegatives, ofPositives],
  };
}
