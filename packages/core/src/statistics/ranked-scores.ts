import { rankRows } from './intervals/ranked-rows';
import type { FloatArray } from './numbers';
import { forEachScoreDescending, scoresByClass } from './scores-by-class';

/** The rows of a binary sample, ranked: all that ranking metrics, curves and thresholds need. */
export interface RankedScores {
  /** Weight of all rows of the class, which is their number where rows have no weights. */
  readonly negatives: number;
  readonly positives: number;
  /** Visits each distinct score once, from the highest down, with the weight that each class has there. */
  forEachDescending(visit: (score: number, negatives: number, positives: number, rows: number) => void): void;
}

/** Binary scores with what is known of their rows. */
export interface LabelledScores {
  /** One a row, finite. */
  readonly scores: FloatArray;
  /** 1 for the positive class, else 0. */
  readonly labels: Uint8Array;
  /** One a row, finite, at least 0. All rows count alike when left out. */
  readonly weights?: Float64Array;
}

/** O(n log n). Without weights the scores of each class are sorted by themselves, which is several times as quick. */
export function rankScores({ scores, labels, weights }: LabelledScores): RankedScores {
  return weights === undefined ? rankUnweighted(scores, labels) : rankWeighted(scores, labels, weights);
}

function rankUnweighted(scores: FloatArray, labels: Uint8Array): RankedScores {
  const byClass = scoresByClass(scores, labels);
  return {
    negatives: byClass.negatives.length,
    positives: byClass.positives.length,
    forEachDescending: (visit) =>
      forEachScoreDescending(byClass, (score, negatives, positives) =>
        visit(score, negatives, positives, negatives + positives),
      ),
  };
}

function rankWeighted(scores: FloatArray, labels: Uint8Array, weights: Float64Array): RankedScores {
  const { order, starts } = rankRows(scores);
  const distinct = starts.length - 1;
  const negatives = new Float64Array(distinct);
  const positives = new Float64Array(distinct);
  const distinctScores = new Float64Array(distinct);
  for (let index = 0; index < distinct; index++) {
    distinctScores[index] = scores[order[starts[index] as number] as number] as number;
    for (let place = starts[index] as number; place < (starts[index + 1] as number); place++) {
      const row = order[place] as number;
      const sums = labels[row] === 1 ? positives : negatives;
      sums[index] = (sums[index] as number) + (weights[row] as number);
    }
  }
  const forEachDescending: RankedScores['forEachDescending'] = (visit) => {
    for (let index = distinct - 1; index >= 0; index--) {
      visit(
        distinctScores[index] as number,
        negatives[index] as number,
        positives[index] as number,
        (starts[index + 1] as number) - (starts[index] as number),
      );
    }
  };
  // Summed in the order of a visit, so that one who adds up on the way arrives at exactly these.
  const totals = { negatives: 0, positives: 0 };
  forEachDescending((_score, negative, positive) => {
    totals.negatives += negative;
    totals.positives += positive;
  });
  return { ...totals, forEachDescending };
}
