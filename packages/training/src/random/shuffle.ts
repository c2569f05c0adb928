import type { Random } from './random';

/**
 * The numbers 0 … count - 1 in random order, each order equally likely.
 *
 * Source: R. Durstenfeld, Algorithm 235: Random permutation, CACM 7 (1964), 420 (Fisher and Yates's shuffle).
 */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const held = indices[last] as number;
    indices[last] = indices[other] as number;
    indices[other] = held;
  }
  return indices;
}
