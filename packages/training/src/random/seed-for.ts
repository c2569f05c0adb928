import { createHash } from 'node:crypto';

/**
 * A seed of its own for each name: two layers that were given the same seed would start with the same weights.
 *
 * @returns an integer in [1, 2^31]; never 0, which TensorFlow.js takes for "no seed"
 */
export function seedFor(seed: number, name: string): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, name]))
    .digest();
  return (digest.readUInt32LE(0) >>> 1) + 1;
}
