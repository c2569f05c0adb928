import type { MulticlassSample } from './sample';
import { weightedMean } from './weighted-mean';

/**
 * Share of rows whose class is among the k highest scores. Of equal scores the later class counts as higher, as in
 * scikit-learn's `top_k_accuracy_score`; so with ties k = 1 may differ from the accuracy, which predicts the first.
 *
 * @returns in [0, 1], 1 where k is the number of classes or more; null when there are no rows
 */
export function topKAccuracy(
  { scores, labels, classCount, weights }: Omit<MulticlassSample, 'task'>,
  k: number,
): number | null {
  const isAmongHighest = (row: number) => {
    const start = row * classCount;
    const label = labels[row] as number;
    const own = scores[start + label] as number;
    let above = 0;
    for (let index = 0; index < classCount; index++) {
      const score = scores[start + index] as number;
      if (score > own || (score === own && index > label)) above++;
    }
    return above < k;
  };
  return weightedMean(labels.length, (row) => (isAmongHighest(row) ? 1 : 0), weights);
}
