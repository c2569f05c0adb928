import { confusionMatrix, type ConfusionMatrix } from './confusion-matrix';
import { classesByHighestScore, classesByThreshold } from './predicted-classes';
import type { BinarySample, MulticlassSample } from './sample';

/** Of a binary sample the second class is the positive one. By weights where there are some. */
export function confusionOf(sample: BinarySample | MulticlassSample): ConfusionMatrix {
  const { scores, labels, weights } = sample;
  return sample.task === 'binary-classification'
    ? confusionMatrix(labels, classesByThreshold(scores, sample.threshold), 2, weights)
    : confusionMatrix(labels, classesByHighestScore(scores, sample.classCount), sample.classCount, weights);
}
