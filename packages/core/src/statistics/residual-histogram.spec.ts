import fc from 'fast-check';
import { residualHistogram } from './residual-histogram';
import { spreadPoints } from './spread-points';

const rows = fc.array(
  fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -9, max: 9 })),
  {
    minLength: 1,
    maxLength: 500,
  },
);
const sampleOf = (list: readonly (readonly [number, number])[]) => ({
  task: 'regression' as const,
  scores: Float64Array.from(list, ([prediction]) => prediction),
  targets: Float64Array.from(list, ([, target]) => target),
});

describe('residualHistogram', () => {
  it('holds every row once, in bins that reach from the smallest to the largest residual', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 50 }), (list, bins) => {
        const { edges, counts } = residualHistogram(sampleOf(list), bins);
        expect(edges).toHaveLength(counts.length + 1);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(list.length);
        const residuals = list.map(([prediction, target]) => prediction - target);
        expect(edges[0]).toBeLessThanOrEqual(Math.min(...residuals));
        expect(edges.at(-1)).toBeGreaterThanOrEqual(Math.max(...residuals) - 1e-6);
        edges.slice(1).forEach((edge, index) => expect(edge).toBeGreaterThan(edges[index] as number));
      }),
    );
  });

  it('is prediction minus target, the largest in the last bin', () => {
    const sample = sampleOf([
      [1, 1],
      [3, 1],
      [5, 1],
      [4.5, 1],
    ]);
    expect(residualHistogram(sample, 2)).toEqual({ edges: [0, 2, 4], counts: [1, 3] });
  });

  it('is one bin when all residuals are equal, and none without rows', () => {
    expect(residualHistogram(sampleOf([[3, 1]]))).toEqual({ edges: [1.5, 2.5], counts: [1] });
    expect(residualHistogram(sampleOf([]))).toEqual({ edges: [], counts: [] });
  });

  it('refuses no bins', () => {
    expect(() => residualHistogram(sampleOf([]), 0)).toThrow(RangeError);
  });
});

describe('spreadPoints', () => {
  it('are rows of the whole split, no more than asked for', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 400 }), (list, most) => {
        const points = spreadPoints(sampleOf(list), most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(points.length).toBeGreaterThan(Math.min(most, list.length) / 2 - 1);
        for (const [target, prediction] of points) expect(list).toContainEqual([prediction, target]);
      }),
    );
  });

  it('are target, then prediction', () => {
    expect(spreadPoints(sampleOf([[5, 3]]))).toEqual([[3, 5]]);
  });
});
