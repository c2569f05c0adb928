import fc from 'fast-check';
import { binomialCdf } from './binomial';
import { incompleteBeta } from './incomplete-beta';
import { incompleteGamma } from './incomplete-gamma';
import { normalCdf, normalQuantile } from './normal';
import { randomSource } from './random-source';
import { studentTCdf, studentTQuantile } from './student-t';

const share = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
const shape = fc.double({ min: 0.1, max: 500, noNaN: true });

describe('distributions', () => {
  it('have quantiles that are the inverse of their probabilities', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 300 }), (probability, degrees) => {
        expect(normalCdf(normalQuantile(probability)) / probability).toBeCloseTo(1, 10);
        expect(studentTCdf(studentTQuantile(probability, degrees), degrees)).toBeCloseTo(probability, 10);
      }),
    );
  });

  it('rise with their argument', () => {
    const z = fc.double({ min: -37, max: 37, noNaN: true });
    fc.assert(
      fc.property(z, z, shape, shape, share, share, (one, other, a, b, x, y) => {
        expect(normalCdf(Math.min(one, other))).toBeLessThanOrEqual(normalCdf(Math.max(one, other)));
        expect(incompleteBeta(Math.min(x, y), a, b)).toBeLessThanOrEqual(
          incompleteBeta(Math.max(x, y), a, b) + 1e-12,
        );
        const gamma = (at: number) => incompleteGamma(a, at * 2 * a).lower;
        expect(gamma(Math.min(x, y))).toBeLessThanOrEqual(gamma(Math.max(x, y)) + 1e-12);
      }),
    );
  });

  it('are symmetric where they should be', () => {
    fc.assert(
      // Nearer to 0 the digits of 1 - x are lost before the function is called.
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), shape, shape, (x, a, b) => {
        expect(incompleteBeta(x, a, b)).toBeCloseTo(1 - incompleteBeta(1 - x, b, a), 9);
        expect(normalQuantile(1 - x) + normalQuantile(x)).toBeCloseTo(0, 6);
      }),
    );
  });

  it('sum the probabilities of a binomial', () => {
    // 10 tosses: 1, 10 and 45 of 1024.
    expect(binomialCdf(2, 10, 0.5)).toBeCloseTo(56 / 1024, 14);
    expect(binomialCdf(-1, 10, 0.5)).toBe(0);
    expect(binomialCdf(10, 10, 0.5)).toBe(1);
  });

  it('refuse a probability that is none', () => {
    expect(() => normalQuantile(1.2)).toThrow('a probability lies between 0 and 1, not 1.2');
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });
});

describe('randomSource', () => {
  it('repeats by its seed, and fills its range evenly', () => {
    const draw = (seed: number) => {
      const random = randomSource(seed);
      return Array.from({ length: 60_000 }, () => random.below(6));
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    for (let face = 0; face < 6; face++) {
      const count = draw(5).filter((drawn) => drawn === face).length;
      // 10,000 of each, give or take four standard deviations.
      expect(Math.abs(count - 10_000)).toBeLessThan(366);
    }
  });

  it('draws from the unit interval', () => {
    const random = randomSource(-1);
    const drawn = Array.from({ length: 10_000 }, () => random.unit());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 1);
  });
});
