import fc from 'fast-check';
import { sortScores } from './sort-scores';

const float = fc.float({ noNaN: true });

/** Long enough for the radix sort, from few drawn numbers. */
const repeated = (drawn: number[]) =>
  Float32Array.from(
    { length: 60_000 },
    (_, index) => (drawn[index % drawn.length] as number) * ((index % 7) - 3),
  );

describe('sortScores', () => {
  it('gives what the native sort gives, for long lists and short ones', () => {
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 40 }), (drawn) => {
        const long = repeated(drawn).filter((value) => !Number.isNaN(value));
        for (const values of [long, Float32Array.from(drawn), Float64Array.from(drawn)]) {
          const expected = values.slice().sort();
          const sorted = sortScores(values);
          expect(sorted.length).toBe(expected.length);
          // Object.is, so that -0 and 0 differ.
          expect(sorted.every((value, index) => Object.is(value, expected[index]))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('sorts a part of a larger buffer and leaves the rest alone', () => {
    const buffer = Float32Array.from({ length: 70_000 }, (_, index) => -index);
    sortScores(buffer.subarray(10, 60_010));
    expect([...buffer.slice(0, 10)]).toEqual(
      Array.from({ length: 10 }, (_, index) => (index === 0 ? -0 : -index)),
    );
    expect(buffer[10]).toBe(-60_009);
    expect(buffer[60_009]).toBe(-10);
    expect(buffer[60_010]).toBe(-60_010);
  });
});
