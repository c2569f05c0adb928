import type { FloatArray } from './numbers';

/**
 * 1 where the score is at or above the threshold, else 0. The threshold is rounded to the precision of the scores
 * first, so that a 32-bit score of 0.1 is at the threshold 0.1.
 */
export function classesByThreshold(scores: FloatArray, threshold: number): Uint8Array {
  const border = borderOf(scores, threshold);
  const predicted = new Uint8Array(scores.length);
  for (let row = 0; row < predicted.length; row++) predicted[row] = (scores[row] as number) >= border ? 1 : 0;
  return predicted;
}

/** The threshold in the precision of the scores. */
export function borderOf(scores: FloatArray, threshold: number): number {
  return scores instanceof Float32Array ? Math.fround(threshold) : threshold;
}

/**
 * The class with the highest score of each row; of equal scores the first.
 *
 * @param scores row-major `[rows, classCount]`
 */
export function classesByHighestScore(scores: FloatArray, classCount: number): Uint16Array {
  const predicted = new Uint16Array(scores.length / classCount);
  for (let row = 0; row < predicted.length; row++) {
    const start = row * classCount;
    let best = 0;
    for (let index = 1; index < classCount; index++) {
      if ((scores[start + index] as number) > (scores[start + best] as number)) best = index;
    }
    predicted[row] = best;
  }
  return predicted;
}
