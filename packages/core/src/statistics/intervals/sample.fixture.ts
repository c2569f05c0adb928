import fc from 'fast-check';
import type { BinarySample, MulticlassSample, RankingSample, RegressionSample } from '../sample';

/*
 * Samples for property tests: scores from a coarse grid, so that ties are common, and few rows, so that odd cases are.
 */

const grid = (steps: number) => fc.integer({ min: 0, max: steps }).map((step) => step / steps);

export const binarySamples: fc.Arbitrary<BinarySample> = fc
  .array(fc.tuple(grid(20), fc.nat(1)), { minLength: 4, maxLength: 40 })
  .map((rows) => ({
    task: 'binary-classification',
    scores: Float64Array.from(rows, ([score]) => score),
    labels: Uint8Array.from(rows, ([, label]) => label),
    threshold: 0.5,
  }));

export const multiclassSamples: fc.Arbitrary<MulticlassSample> = fc
  .tuple(
    fc.integer({ min: 2, max: 4 }),
    fc.array(fc.tuple(fc.tuple(grid(9), grid(9), grid(9), grid(9)), fc.nat(3)), {
      minLength: 4,
      maxLength: 40,
    }),
  )
  .map(([classCount, rows]) => ({
    task: 'multiclass-classification',
    classCount,
    scores: Float64Array.from(
      rows.flatMap(([scores]) => {
        const some = scores.slice(0, classCount).map((score) => score + 0.1);
        const sum = some.reduce((total, score) => total + score, 0);
        return some.map((score) => score / sum);
      }),
    ),
    labels: Uint16Array.from(rows, ([, label]) => label % classCount),
  }));

export const regressionSamples: fc.Arbitrary<RegressionSample> = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
    minLength: 4,
    maxLength: 40,
  })
  .map((rows) => ({
    task: 'regression',
    scores: Float64Array.from(rows, ([score]) => score / 10),
    targets: Float64Array.from(rows, ([, target]) => target / 10 + 0.05),
  }));

/** Weights of this many rows, none of them 0, whose sums are exact: whether half is reached must not hang on a rounding. */
export const weightsOf = (rows: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.integer({ min: 1, max: 30 }), { minLength: rows, maxLength: rows })
    .map((weights) => Float64Array.from(weights, (weight) => weight / 8));

export const rankingSamples: fc.Arbitrary<RankingSample> = fc
  .array(fc.tuple(grid(6), fc.nat(3), fc.nat(4)), { minLength: 6, maxLength: 40 })
  .map((rows) => ({
    task: 'ranking',
    scores: Float64Array.from(rows, ([score]) => score),
    relevance: Float64Array.from(rows, ([, relevance]) => Math.max(0, relevance - 1)),
    queries: Uint32Array.from(rows, ([, , query]) => query * 1000),
  }));
