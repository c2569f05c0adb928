import type { ClassIndices, FloatArray } from './numbers';
import { weightedMean } from './weighted-mean';

/**
 * Mean negative log likelihood of the true classes, in nats. Probabilities are clipped to [ε, 1 − ε] with the machine
 * epsilon of the scores' type, as scikit-learn's `log_loss` does, so that one sure and wrong row costs about 16 nats
 * (32-bit scores) or 36 (64-bit) and not infinity.
 *
 * @param scores probabilities, row-major `[rows, classCount]`; not normalised again
 * @returns in [0, ∞); null when there are no rows
 */
export function multiclassLogLoss(
  scores: FloatArray,
  labels: ClassIndices,
  classCount: number,
  weights?: Float64Array,
): number | null {
  const clip = clipTo(scores);
  return weightedMean(
    labels.length,
    (row) => -Math.log(clip(scores[row * classCount + (labels[row] as number)] as number)),
    weights,
  );
}

/**
 * The same for two classes and one probability a row, that of the positive class.
 *
 * @param labels 0 or 1 a row
 */
export function binaryLogLoss(scores: FloatArray, labels: Uint8Array, weights?: Float64Array): number | null {
  const clip = clipTo(scores);
  return weightedMean(
    labels.length,
    (row) => {
      const score = scores[row] as number;
      return -Math.log(clip(labels[row] === 1 ? score : 1 - score));
    },
    weights,
  );
}

/** Negative log of a probability, clipped likewise. */
export function logLossOf(scores: FloatArray): (probability: number) => number {
  const clip = clipTo(scores);
  return (probability) => -Math.log(clip(probability));
}

function clipTo(scores: FloatArray): (probability: number) => number {
  const epsilon = scores instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
  return (probability) => Math.min(1 - epsilon, Math.max(epsilon, probability));
}
