import { seedGlobalRandom } from './global-random';

describe('seedGlobalRandom', () => {
  test('makes Math.random repeat until it is put back', () => {
    const original = Math.random;
    const draw = () => {
      const restore = seedGlobalRandom(7);
      const drawn = [Math.random(), Math.random()];
      restore();
      return drawn;
    };
    expect(draw()).toEqual(draw());
    expect(Math.random).toBe(original);
  });
});
