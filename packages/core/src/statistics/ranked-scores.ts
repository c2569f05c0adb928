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
  const order = Uint32Array.from(scores, (_, row) => row);
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number));
  // One entry a distinct score.
  const starts: number[] = [];
  const negatives: number[] = [];
  const positives: number[] = [];
  order.forEach((row, rank) => {
    if (rank === 0 || scores[row] !== scores[order[rank - 1] as number]) {
      starts.push(rank);
      negatives.push(0);
      positives.push(0);
    }
    const sums = labels[row] === 1 ? positives : negatives;
    sums[sums.length - 1] = (sums[sums.length - 1] as number) + (weights[row] as number);
  });
  return {
    // Summed in the order of a visit, so that one who adds up on the way arrives at exactly these.
    negatives: sumInOrder(negatives),
    positives: sumInOrder(positives),
    forEachDescending: (visit) =>
      starts.forEach((start, index) =>
        visit(
          scores[order[start] as number] as number,
          negatives[index] as number,
          positives[index] as number,
          (starts[index + 1] ?? order.length) - start,
        ),
      ),
  };
}

function sumInOrder(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
