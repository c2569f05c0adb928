import fc from 'fast-check';
import { seedFor } from './seed-for';

describe('seedFor', () => {
  test('is an integer of at least 1, so that TensorFlow.js takes it for a seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (seed, name) => {
        const result = seedFor(seed, name);
        expect(Number.isInteger(result) && result >= 1 && result <= 2 ** 31).toBe(true);
      }),
    );
  });

  test('differs by name and by seed, and stays as it is from run to run', () => {
    expect(seedFor(7, 'hidden')).toBe(956885230);
    expect(new Set([seedFor(7, 'hidden'), seedFor(7, 'output'), seedFor(8, 'hidden')]).size).toBe(3);
  });
});
