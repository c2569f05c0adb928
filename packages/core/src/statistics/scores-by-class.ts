import type { FloatArray } from './numbers';
import { sortScores } from './sort-scores';

/** The scores of the negative and of the positive rows, each ascending: all that ranking metrics need without weights. */
export interface ScoresByClass {
  readonly negatives: FloatArray;
  readonly positives: FloatArray;
}

/**
 * Sorts the scores of each class by itself: no index is sorted and memory is one copy of the scores.
 *
 * @param scores one a row, finite
 * @param labels 0 or 1 a row
 */
export function scoresByClass(scores: FloatArray, labels: Uint8Array): ScoresByClass {
  let positiveCount = 0;
  for (const label of labels) positiveCount += label;
  const negativeCount = labels.length - positiveCount;
  const create = (length: number) =>
    scores instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  // Each score is written to both, and what does not belong is written over: a branch by label, which no processor can
  // foresee, would take twice as long. Hence one place more.
  const negatives = create(negativeCount + 1);
  const positives = create(positiveCount + 1);
  let negative = 0;
  let positive = 0;
  for (let row = 0; row < labels.length; row++) {
    const score = scores[row] as number;
    const label = labels[row] as number;
    negatives[negative] = score;
    positives[positive] = score;
    negative += 1 - label;
    positive += label;
  }
  return {
    negatives: sortScores(negatives.subarray(0, negativeCount)),
    positives: sortScores(positives.subarray(0, positiveCount)),
  };
}

/**
 * Visits each distinct score once, from the highest down, with how many rows of each class have it.
 */
export function forEachScoreDescending(
  { negatives, positives }: ScoresByClass,
  visit: (score: number, negativeCount: number, positiveCount: number) => void,
): void {
  let negative = negatives.length - 1;
  let positive = positives.length - 1;
  while (negative >= 0 || positive >= 0) {
    const score = Math.max(negatives[negative] ?? -Infinity, positives[positive] ?? -Infinity);
    const negativeBefore = negative;
    const positiveBefore = positive;
    while (negative >= 0 && negatives[negative] === score) negative--;
    while (positive >= 0 && positives[positive] === score) positive--;
    visit(score, negativeBefore - negative, positiveBefore - positive);
  }
}
