import { createHash } from 'node:crypto';

/** Uniform numbers in [0, 1) with 53 random bits, as `Math.random` gives them. */
export type Random = () => number;

/**
 * A generator that gives the same numbers for the same seed on every machine, unlike `Math.random`.
 *
 * @param seed a number and, to draw independent streams from it, any names or counters: `random(7, 'shuffle', epoch)`
 *
 * Source: D. Blackman and S. Vigna, Scrambled Linear Pseudorandom Number Generators, 2021: xoshiro128**. Its state is
 * filled from a SHA-256 of the seed, so that neighbouring seeds have nothing in common.
 */
export function seededRandom(...seed: readonly (number | string)[]): Random {
  const digest = createHash('sha256').update(JSON.stringify(seed)).digest();
  const state = Uint32Array.from([0, 4, 8, 12], (offset) => digest.readUInt32LE(offset));
  return () => ((next(state) >>> 5) * 0x4000000 + (next(state) >>> 6)) / 0x20000000000000;
}

/** One step of xoshiro128**; changes the state of four words in place. */
export function next(state: Uint32Array): number {
  const [a, b, c, d] = state as unknown as [number, number, number, number];
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  state[2] = c ^ a;
  state[3] = d ^ b;
  state[1] = b ^ (c ^ a);
  state[0] = a ^ (d ^ b);
  state[2] = c ^ a ^ (b << 9);
  state[3] = rotateLeft(d ^ b, 11);
  return result;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
