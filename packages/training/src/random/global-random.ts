import { seededRandom } from './random';

/**
 * Makes `Math.random` repeat: from here it gives the stream of this seed.
 *
 * TensorFlow.js draws from `Math.random` wherever no seed can be given or a seed would repeat the same draw (dropout
 * masks, unseeded initializers, the shuffling of `fit`). This is what `random.seed(7)` is in Python. It is meant for a
 * process that does nothing but train.
 *
 * @returns puts the former `Math.random` back
 */
export function seedGlobalRandom(...seed: readonly (number | string)[]): () => void {
  const former = Math.random;
  Math.random = seededRandom(...seed);
  return () => {
    Math.random = former;
  };
}
