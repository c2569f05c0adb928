import fc from 'fast-check';
import { seededRandom } from './random';
import { rowSelector } from './select-rows';

const chosenRows = (total: number, wanted: number, seed: number) => {
  const isChosen = rowSelector(total, wanted, seededRandom(seed));
  return Array.from({ length: total }, (_, row) => row).filter(() => isChosen());
};

describe('rowSelector', () => {
  test('chooses as many rows as are wanted, or all there are', () => {
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.nat({ max: 600 }), fc.integer(), (total, wanted, seed) => {
        expect(chosenRows(total, wanted, seed)).toHaveLength(Math.min(total, wanted));
      }),
    );
  });

  test('chooses all rows when no number is given', () => {
    expect(chosenRows(5, Infinity, 1)).toEqual([0, 1, 2, 3, 4]);
  });

  test('chooses the same rows for the same seed, others for another', () => {
    expect(chosenRows(1000, 10, 1)).toEqual(chosenRows(1000, 10, 1));
    expect(chosenRows(1000, 10, 2)).not.toEqual(chosenRows(1000, 10, 1));
  });

  test('chooses early and late rows equally often', () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const row of chosenRows(10, 3, seed)) counts[row]!++;
    // Four standard deviations, sqrt(2000 * 0.3 * 0.7), around 600.
    for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(82);
  });
});
