import fc from 'fast-check';
import {
  jensenShannonDistance,
  jensenShannonNoise99,
  populationStabilityIndex,
} from './distribution-distance';

const histograms = fc
  .integer({ min: 1, max: 12 })
  .chain((bins) =>
    fc.tuple(...[0, 1].map(() => fc.array(fc.nat({ max: 50 }), { minLength: bins, maxLength: bins }))),
  )
  .filter((pair) => pair.every((counts) => counts.some((count) => count > 0)));

describe('jensenShannonDistance', () => {
  it.each([
    ['equal shares', [1, 3], [20, 60], 0],
    ['nothing in common', [1, 0], [0, 5], 1],
    // Shares (1, 0) and (½, ½): ½·log2(4/3) + ½·(½·log2(⅔) + ½·log2(2)).
    ['a half moved', [1, 0], [1, 1], Math.sqrt(0.5 * Math.log2(4 / 3) + 0.25 * Math.log2(2 / 3) + 0.25)],
  ])('of %s', (_, a, b, distance) => {
    expect(jensenShannonDistance(a, b)).toBeCloseTo(distance, 12);
  });

  it('is symmetric and in [0, 1]', () => {
    fc.assert(
      fc.property(histograms, ([a = [], b = []]) => {
        const distance = jensenShannonDistance(a, b);
        expect(distance).toBeCloseTo(jensenShannonDistance(b, a), 12);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    [[1], [1, 2], 'MLOPS_STATS_LENGTH_MISMATCH'],
    [[0], [1], 'MLOPS_STATS_EMPTY'],
  ])('of %j and %j is refused', (a, b, code) => {
    expect(() => jensenShannonDistance(a, b)).toThrow(expect.objectContaining({ code }));
  });
});

describe('populationStabilityIndex', () => {
  it('is 0 for equal shares and worked out by hand for others', () => {
    expect(populationStabilityIndex([5, 5], [9, 9])).toBe(0);
    expect(populationStabilityIndex([1, 1], [3, 1])).toBeCloseTo(
      0.25 * Math.log(1.5) - 0.25 * Math.log(0.5),
      12,
    );
  });

  it('counts an empty bin as its floor', () => {
    expect(populationStabilityIndex([1, 1], [1, 0], 0.01)).toBeCloseTo(
      0.5 * Math.log(2) - 0.49 * Math.log(0.02),
      12,
    );
  });
});

describe('jensenShannonNoise99', () => {
  /** Mulberry32. */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  it.each([
    [300, 300, 10],
    [400, 200, 5],
    [500, 500, 2],
  ])('is exceeded by about one in a hundred samples of %i and %i rows in %i bins', (n, m, bins) => {
    const next = random(n + m + bins);
    const sample = (rows: number) => {
      const counts = new Array<number>(bins).fill(0);
      for (let row = 0; row < rows; row += 1) counts[Math.floor(next() * bins)]! += 1;
      return counts;
    };
    const limit = jensenShannonNoise99(n, m, bins);
    let beyond = 0;
    for (let run = 0; run < 2000; run += 1) {
      if (jensenShannonDistance(sample(n), sample(m)) >= limit) beyond += 1;
    }
    expect(beyond / 2000).toBeGreaterThan(0.003);
    expect(beyond / 2000).toBeLessThan(0.02);
  });

  it('shrinks with the rows and is nothing for a single bin', () => {
    expect(jensenShannonNoise99(1e6, 1e6, 20)).toBeLessThan(0.01);
    expect(jensenShannonNoise99(100, 100, 1)).toBe(0);
  });
});
