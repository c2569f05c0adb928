import { classesByHighestScore } from './predicted-classes';
import type { LabelledScores } from './ranked-scores';
import type { MulticlassSample } from './sample';

/**
 * Each row's score of the class that is predicted, labelled 1 where that class is right: calibration of several classes
 * as a binary question.
 */
export function confidenceOfPredicted({
  scores,
  labels,
  classCount,
  weights,
}: Pick<MulticlassSample, 'scores' | 'labels' | 'classCount' | 'weights'>): LabelledScores {
  const predicted = classesByHighestScore(scores, classCount);
  const confidence =
    scores instanceof Float32Array ? new Float32Array(labels.length) : new Float64Array(labels.length);
  const right = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const index = predicted[row] as number;
    confidence[row] = scores[row * classCount + index] as number;
    right[row] = labels[row] === index ? 1 : 0;
  }
  return { scores: confidence, labels: right, ...(weights === undefined ? {} : { weights }) };
}
