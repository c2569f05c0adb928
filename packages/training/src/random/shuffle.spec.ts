import fc from 'fast-check';
import { seededRandom } from './random';
import { shuffledIndices } from './shuffle';

describe('shuffledIndices', () => {
  test('holds every index once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.integer(), (count, seed) => {
        const sorted = [...shuffledIndices(count, seededRandom(seed))].sort((a, b) => a - b);
        expect(sorted).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  test('gives each of the orders of three equally often', () => {
    const random = seededRandom(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffledIndices(3, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Four standard deviations, sqrt(6000 / 6 * 5 / 6), around 1000.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(116);
  });
});
