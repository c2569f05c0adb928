import type { Work } from './spread';

/** Uniform numbers in [0, 1), the same for a seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Models that learn from shared datasets, all of which changed. Durations are log-normal: a training takes 120 s in the
 * median and 400 s for one in eight or so, a dataset 40 s.
 */
export function simulatedWork(
  seed: number,
  { models, datasets }: { readonly models: number; readonly datasets: number },
): Work[] {
  const next = uniform(seed);
  // Box and Muller 1958.
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const logNormal = (median: number, sigma: number) => median * Math.exp(sigma * normal());
  const prepared = Array.from({ length: datasets }, (_, dataset): [string, number][] => [
    [`data-${dataset}:prepare`, logNormal(30, 0.8)],
    [`data-${dataset}:validate`, logNormal(10, 0.8)],
  ]);
  return Array.from({ length: models }, (_, model) => ({
    name: `model-${model}`,
    tasks: new Map([
      ...(prepared[Math.floor(next() * datasets)] as [string, number][]),
      [`model-${model}:train`, logNormal(120, 1)],
      [`model-${model}:evaluate`, logNormal(10, 0.5)],
      [`model-${model}:gate`, 2],
    ]),
  }));
}
