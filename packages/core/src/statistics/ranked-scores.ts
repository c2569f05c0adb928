import { rankRows } from './intervals/ranked-rows';
import type { FloatArray } from './numbers';
import { forEachScoreDescending, scoresByClass } from './scores-by-class';
import type { SortedRows } from './sorted-rows';

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

/** The same of all rows, which count alike, without sorting them again. */
export function rankSorted({ scores, labels }: SortedRows): RankedScores {
  const all = scores.length;
  const distinct = scores instanceof Float32Array ? new Float32Array(all) : new Float64Array(all);
  const positives = new Uint32Array(all);
  const rows = new Uint32Array(all);
  let ties = 0;
  for (let place = 0; place < all;) {
    const score = scores[place] as number;
    const start = place;
    let ofPositives = 0;
    for (; place < all && scores[place] === score; place++) ofPositives += labels[place] as number;
    distinct[ties] = score;
    positives[ties] = ofPositives;
    rows[ties] = place - start;
    ties++;
  }
  return rankedTies(distinct.subarray(0, ties), positives.subarray(0, ties), rows.subarray(0, ties));
}

/**
 * Divides rows that are sorted into parts, each ranked: one pass over the rows, whatever the number of parts.
 *
 * @param codes part of each row; of a row that is in none, `parts` or higher
 */
export function rankParts(
  { order, scores, labels }: SortedRows,
  codes: Uint8Array | Uint16Array | Uint32Array,
  parts: number,
): RankedScores[] {
  const starts = new Uint32Array(parts + 1);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code < parts) starts[code + 1] = (starts[code + 1] as number) + 1;
  }
  for (let part = 0; part < parts; part++) {
    starts[part + 1] = (starts[part + 1] as number) + (starts[part] as number);
  }
  const all = starts[parts] as number;
  // Distinct scores of all parts, one part after the other, each in the room that its rows would take.
  const distinct = scores instanceof Float32Array ? new Float32Array(all) : new Float64Array(all);
  const positives = new Uint32Array(all);
  const rows = new Uint32Array(all);
  const ends = starts.slice(0, parts);
  for (let place = 0; place < order.length; place++) {
    const code = codes[order[place] as number] as number;
    if (code >= parts) continue;
    const score = scores[place] as number;
    let at = (ends[code] as number) - 1;
    if (at < (starts[code] as number) || distinct[at] !== score) {
      at++;
      distinct[at] = score;
      ends[code] = at + 1;
    }
    positives[at] = (positives[at] as number) + (labels[place] as number);
    rows[at] = (rows[at] as number) + 1;
  }
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [starts[part] as number, ends[part] as number];
    return rankedTies(distinct.subarray(from, to), positives.subarray(from, to), rows.subarray(from, to));
  });
}

/** @param distinct rising scores, each with its rows and how many of them are positive */
function rankedTies(distinct: FloatArray, positives: Uint32Array, rows: Uint32Array): RankedScores {
  let allPositives = 0;
  let all = 0;
  for (let tie = 0; tie < rows.length; tie++) {
    allPositives += positives[tie] as number;
    all += rows[tie] as number;
  }
  return {
    negatives: all - allPositives,
    positives: allPositives,
    forEachDescending: (visit) => {
      for (let tie = distinct.length - 1; tie >= 0; tie--) {
        const [tied, ofPositives] = [rows[tie] as number, positives[tie] as number];
        visit(distinct[tie] as number, tied - ofPositives, ofPositives, tied);
      }
    },
  };
}

function rankUnweighted(scores: FloatArray, labels: Uint8Array): RankedScores {
  if (isConstant(scores)) return rankConstant(scores, labels);
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

/** As those of a baseline, of which there is nothing to sort. */
function isConstant(scores: FloatArray): boolean {
  const [first] = scores;
  for (let row = 1; row < scores.length; row++) if (scores[row] !== first) return false;
  return scores.length > 0;
}

function rankConstant(scores: FloatArray, labels: Uint8Array): RankedScores {
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += labels[row] as number;
  return rankedTies(scores.subarray(0, 1), Uint32Array.of(positives), Uint32Array.of(labels.length));
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
