// Once, and not for each number: under Jest the look-up of a global takes longer than all the rest.
const { floor, imul } = Math;

/** Whole numbers that look random and are the same for the same seed, on every machine. */
export interface RandomSource {
  /** In [0, bound). */
  below(bound: number): number;
  /** In [0, 1), with 53 bits. */
  unit(): number;
}

/**
 * xoshiro128**, seeded by SplitMix32.
 *
 * @param seed a whole number; its lower 32 bits count
 * Source: D. Blackman and S. Vigna, Scrambled linear pseudorandom number generators, ACM Transactions on Mathematical
 *   Software 47, 2021.
 */
export function randomSource(seed: number): RandomSource {
  let mixed = seed | 0;
  const mix = () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let value = mixed ^ (mixed >>> 16);
    value = imul(value, 0x21f0aaad);
    value ^= value >>> 15;
    value = imul(value, 0x735a2d97);
    return value ^ (value >>> 15);
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let d = mix();
  const next = () => {
    const scrambled = imul(rotate(imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
  return {
    // Multiply and shift: the bias is below bound / 2^32.
    below: (bound) => floor((next() * bound) / 2 ** 32),
    unit: () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53,
  };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
