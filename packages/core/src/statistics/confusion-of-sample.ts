import { confusionMatrix, type ConfusionMatrix } from './confusion-matrix';
import { classesByHighestScore, classesByThreshold } from './predicted-classes';
import type { BinarySample, MulticlassSample } from './sample';

/** Of a binary sample the second class is the positive one. By weights where there are some. */
export function confusionOf(sample: BinarySample | MulticlassSample): ConfusionMatrix {
  const classCount = classCountOf(sample);
  return confusionMatrix(sample.labels, predictedClasses(sample), classCount, sample.weights);
}

function classCountOf(sample: BinarySample | MulticlassSample): number {
  return sample.task === 'binary-classification' ? 2 : sample.classCount;
}

function predictedClasses(sample: BinarySample | MulticlassSample): Uint8Array | Uint16Array {
  return sample.task === 'binary-classification'
    ? classesByThreshold(sample.scores, sample.threshold)
    : classesByHighestScore(sample.scores, sample.classCount);
}
