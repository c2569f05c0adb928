import fc from 'fast-check';
import { independentTrials } from './independent-trials';

const all = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);

describe('independentTrials', () => {
  it('are the rows where they count alike, whether that is said by weights or not', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 50 }), (hits) => {
        const isSuccess = (row: number) => hits[row] === true;
        const plain = independentTrials({}, all(hits.length), isSuccess);
        expect(plain).toEqual({ successes: hits.filter(Boolean).length, trials: hits.length });
        const weights = new Float64Array(hits.length).fill(3);
        const weighted = independentTrials({ weights }, all(hits.length), isSuccess);
        // The variance of a sample divides by one less.
        expect(weighted?.trials).toBeGreaterThan(hits.length - 1 - 1e-9);
        expect(weighted?.trials).toBeLessThanOrEqual(hits.length);
        expect((weighted?.successes ?? 0) / (weighted?.trials ?? 1)).toBeCloseTo(
          (plain?.successes ?? 0) / hits.length,
          12,
        );
      }),
    );
  });

  it('are about the groups where all rows of a group are alike', () => {
    const groups = Uint32Array.from({ length: 400 }, (_, row) => Math.floor(row / 10));
    const trials = independentTrials(
      { groups },
      all(400),
      (row) => (groups[row] as number) % 3 === 0,
    )?.trials;
    expect(trials).toBeGreaterThan(38);
    expect(trials).toBeLessThan(40);
  });

  it('are about the rows where groups say nothing', () => {
    const groups = Uint32Array.from({ length: 4000 }, (_, row) => Math.floor(row / 10));
    const trials = independentTrials({ groups }, all(4000), (row) => (row * 7919) % 1009 < 300)?.trials;
    expect(trials).toBeGreaterThan(2000);
  });

  it("are Kish's where all rows are alike", () => {
    const weights = Float64Array.of(1, 1, 2, 0);
    expect(independentTrials({ weights }, all(4), () => true)).toEqual({ successes: 16 / 6, trials: 16 / 6 });
  });

  it('are none without weight', () => {
    expect(independentTrials({}, all(0), () => true)).toBeUndefined();
    expect(independentTrials({ weights: Float64Array.of(0) }, all(1), () => true)).toBeUndefined();
  });
});
