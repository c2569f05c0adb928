import { rowsOf, type FloatArray, type Sample } from '@nx-mlops/core';

/**
 * The champion's answers beside the truth of the model's sample: same rows, weights and groups.
 *
 * @param scores of the champion, `[rows]` or row-major `[rows, classes]`
 * @param threshold the champion's own; of a binary classifier alone
 * @param columns of several classes in another order: for each of the model's, the champion's column
 * @returns undefined when the scores are not of as many rows
 */
export function championSample(
  sample: Sample,
  scores: FloatArray,
  threshold: number,
  columns?: readonly number[],
): Sample | undefined {
  if (scores.length !== sample.scores.length) return undefined;
  switch (sample.task) {
    case 'binary-classification':
      return { ...sample, scores, threshold };
    case 'multiclass-classification':
      return {
        ...sample,
        scores: columns === undefined ? scores : reordered(scores, rowsOf(sample), columns),
      };
    case 'regression':
    case 'ranking':
      return { ...sample, scores };
  }
}

function reordered(scores: FloatArray, rows: number, columns: readonly number[]): FloatArray {
  const width = columns.length;
  const taken = scores.slice();
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < width; at++) {
      taken[row * width + at] = scores[row * width + (columns[at] as number)] as number;
    }
  }
  return taken;
}
