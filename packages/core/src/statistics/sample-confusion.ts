import { confusionMatrix, type ConfusionMatrix } from './confusion-matrix';
import { borderOf, classesByHighestScore, classesByThreshold } from './predicted-classes';
import type { RankedScores } from './ranked-scores';
import { rankedConfusion } from './ranked-sums';
import type { BinarySample, MulticlassSample } from './sample';

/**
 * Of a binary sample the second class is the positive one. By weights where there are some.
 *
 * @param ranked of a binary sample, where it is there already
 */
export function confusionOf(sample: BinarySample | MulticlassSample, ranked?: RankedScores): ConfusionMatrix {
  const { scores, labels, weights } = sample;
  if (ranked !== undefined && sample.task === 'binary-classification') {
    return rankedConfusion(ranked, borderOf(scores, sample.threshold));
  }
  return sample.task === 'binary-classification'
    ? confusionMatrix(labels, classesByThreshold(scores, sample.threshold), 2, weights)
    : confusionMatrix(labels, classesByHighestScore(scores, sample.classCount), sample.classCount, weights);
}
