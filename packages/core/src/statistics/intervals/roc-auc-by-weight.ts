import { once } from '../measure';
import type { RankedScores } from '../ranked-scores';
import type { RankedRows } from './ranked-rows';
import type { UnweightedMetric, WeightedMetric } from './weighted-metric';

/**
 * Area under the ROC curve by weights, ties counting half.
 *
 * Its derivatives are DeLong's structural components about their mean: by the weight of a positive row, the weighted
 * share of negatives below it minus the area, over the weight of the positives; the same for negatives.
 *
 * @param rankedRows asked for when weights are
 * @param rankedScores of rows that count alike
 * Source: E. DeLong, D. DeLong and D. Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
 * characteristic curves, Biometrics 44, 1988; by mid-ranks as X. Sun and W. Xu, IEEE Signal Processing Letters 21, 2014.
 */
export function rocAucByWeight(
  labels: Uint8Array,
  rankedRows: () => RankedRows,
  rankedScores: () => RankedScores,
): WeightedMetric {
  const valueAt = (weights: Float64Array): number | null => {
    const { order, starts } = rankedRows();
    let pairs = 0;
    let positives = 0;
    let negatives = 0;
    for (let tie = 0; tie + 1 < starts.length; tie++) {
      let tiedPositives = 0;
      let tiedNegatives = 0;
      for (let place = starts[tie] as number; place < (starts[tie + 1] as number); place++) {
        const row = order[place] as number;
        if (labels[row] === 1) tiedPositives += weights[row] as number;
        else tiedNegatives += weights[row] as number;
      }
      pairs += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    return positives === 0 || negatives === 0 ? null : pairs / positives / negatives;
  };

  const derivativesAt = (weights: Float64Array): Float64Array => {
    const { order, starts } = rankedRows();
    const area = valueAt(weights) as number;
    const [positives, negatives] = weightsByClass(labels, weights);
    const derivatives = new Float64Array(weights.length);
    let positivesBelow = 0;
    let negativesBelow = 0;
    for (let tie = 0; tie + 1 < starts.length; tie++) {
      const start = starts[tie] as number;
      const end = starts[tie + 1] as number;
      let tiedPositives = 0;
      let tiedNegatives = 0;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        if (labels[row] === 1) tiedPositives += weights[row] as number;
        else tiedNegatives += weights[row] as number;
      }
      const ofPositive = ((negativesBelow + tiedNegatives / 2) / negatives - area) / positives;
      const ofNegative = (1 - (positivesBelow + tiedPositives / 2) / positives - area) / negatives;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        derivatives[row] = labels[row] === 1 ? ofPositive : ofNegative;
      }
      positivesBelow += tiedPositives;
      negativesBelow += tiedNegatives;
    }
    return derivatives;
  };

  return {
    valueAt,
    derivativesAt,
    unweighted: once(() => unweightedRocAuc(rankedScores())),
    range: [0, 1],
    isRocAuc: true,
  };
}

/** Of the positive rows and of the negative ones. */
function weightsByClass(labels: Uint8Array, weights: Float64Array): [number, number] {
  let positives = 0;
  let negatives = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) positives += weights[row] as number;
    else negatives += weights[row] as number;
  }
  return [positives, negatives];
}

function unweightedRocAuc(ranked: RankedScores): UnweightedMetric {
  let positivesAbove = 0;
  let negativesAbove = 0;
  // By what each row lacks to being ranked right: of a good model that is little, and its squares keep their digits.
  let ofPositives = 0;
  let ofNegatives = 0;
  let lack = 0;
  ranked.forEachDescending((_score, negatives, positives) => {
    const above = (negativesAbove + negatives / 2) / ranked.negatives;
    const below = (ranked.positives - positivesAbove - positives / 2) / ranked.positives;
    lack += positives * above;
    ofPositives += positives * above ** 2;
    ofNegatives += negatives * below ** 2;
    positivesAbove += positives;
    negativesAbove += negatives;
  });
  const mean = lack / ranked.positives;
  return {
    value: ranked.positives === 0 || ranked.negatives === 0 ? null : 1 - mean,
    squaresByClass: () => [
      Math.max(0, ofNegatives / ranked.negatives - mean ** 2) / ranked.negatives,
      Math.max(0, ofPositives / ranked.positives - mean ** 2) / ranked.positives,
    ],
  };
}
