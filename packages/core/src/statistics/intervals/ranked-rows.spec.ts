import fc from 'fast-check';
import { rankRows } from './ranked-rows';

const long = 5_000;
const drawn = fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, -1)), {
  minLength: 1,
  maxLength: 40,
});

describe('rankRows', () => {
  it('orders as a comparison does, for few rows and many, of 32 bits and 64', () => {
    fc.assert(
      fc.property(drawn, (values) => {
        const many = Array.from(
          { length: long },
          (_, row) => (values[row % values.length] as number) * ((row % 5) - 2),
        );
        const numbers = many.filter((value) => !Number.isNaN(value));
        for (const scores of [
          Float32Array.from(values),
          Float32Array.from(numbers),
          Float64Array.from(numbers),
        ]) {
          const { order, starts } = rankRows(scores);
          // Of equal scores the order is open, so it is the scores that are compared.
          const sorted = scores.slice().sort();
          expect([...order].map((row) => (scores[row] as number) + 0)).toEqual(
            [...sorted].map((score) => score + 0),
          );
          expect(new Set(order).size).toBe(scores.length);
          const begins = [...sorted.keys()].filter(
            (place) => place === 0 || sorted[place] !== sorted[place - 1],
          );
          expect([...starts]).toEqual([...begins, scores.length]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('ranks a part of a larger buffer', () => {
    const scores = Float64Array.from({ length: 6_000 }, (_, index) => -index).subarray(7, 5_007);
    expect(rankRows(scores).order[0]).toBe(4_999);
  });
});
