import { fairnessMetrics } from '../config/gate-config';
import { fairnessResultSchema } from '../manifest/evaluation';
import { groupFairness } from './group-fairness';
import type { BinarySample } from './sample';

interface Cells {
  readonly truePositives: number;
  readonly falseNegatives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
}

/** Rows with a score of 0.9 or 0.1, and the rows of each group. */
function sampleOf(cells: readonly Cells[], extra: Partial<BinarySample> = {}) {
  const rows = cells.flatMap((each, group) =>
    (
      [
        [each.truePositives, 0.9, 1],
        [each.falseNegatives, 0.1, 1],
        [each.falsePositives, 0.9, 0],
        [each.trueNegatives, 0.1, 0],
      ] as const
    ).flatMap(([count, score, label]) => Array.from({ length: count }, () => ({ group, score, label }))),
  );
  const sample: BinarySample = {
    task: 'binary-classification',
    scores: Float64Array.from(rows, ({ score }) => score),
    labels: Uint8Array.from(rows, ({ label }) => label),
    threshold: 0.5,
    ...extra,
  };
  const groups = cells.map((_, group) => ({
    value: `g${group}`,
    rows: Uint32Array.from(rows.flatMap((row, index) => (row.group === group ? [index] : []))),
  }));
  return { sample, groups };
}

const options = { minRows: 50, confidence: 0.95 };
const a: Cells = { truePositives: 60, falseNegatives: 20, falsePositives: 20, trueNegatives: 100 };
const b: Cells = { truePositives: 20, falseNegatives: 20, falsePositives: 10, trueNegatives: 50 };
const small: Cells = { truePositives: 1, falseNegatives: 0, falsePositives: 0, trueNegatives: 9 };

describe('groupFairness', () => {
  it('is by hand', () => {
    const { sample, groups } = sampleOf([a, b, small]);
    const result = groupFairness(sample, 'sex', groups, options);
    expect(fairnessResultSchema.parse(result)).toEqual(result);
    expect(result.groups).toMatchObject([
      { value: 'g0', rows: 200, selectionRate: 0.4, truePositiveRate: 0.75, falsePositiveRate: 1 / 6 },
      { value: 'g1', rows: 100, selectionRate: 0.3, truePositiveRate: 0.5, falsePositiveRate: 1 / 6 },
      { value: 'g2', rows: 10, selectionRate: 0.1, truePositiveRate: 1, falsePositiveRate: 0 },
    ]);
    expect(Object.keys(result.metrics)).toEqual(Object.keys(fairnessMetrics));
    expect(result.metrics).toMatchObject({
      'selection-rate-difference': expect.closeTo(0.1, 12) as number,
      'selection-rate-ratio': expect.closeTo(0.75, 12) as number,
      'tpr-difference': 0.25,
      'fpr-difference': expect.closeTo(0, 12) as number,
      'ece-difference': expect.any(Number) as number,
    });
  });

  it("puts a difference's interval together from Wilson's, as Newcombe does", () => {
    // Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10 without continuity correction.
    const { sample, groups } = sampleOf([
      { truePositives: 56, falseNegatives: 14, falsePositives: 0, trueNegatives: 0 },
      { truePositives: 48, falseNegatives: 32, falsePositives: 0, trueNegatives: 0 },
    ]);
    const { 'tpr-difference': interval } = groupFairness(sample, 'c', groups, options).intervals;
    expect(interval?.low).toBeCloseTo(0.0524, 4);
    expect(interval?.high).toBeCloseTo(0.3339, 4);
  });

  it('leaves small groups out of the differences, and has none of fewer than two', () => {
    const { sample, groups } = sampleOf([a, small]);
    const { metrics, intervals } = groupFairness(sample, 'sex', groups, options);
    expect(Object.values(metrics)).toEqual([null, null, null, null, null]);
    expect(intervals).toEqual({});
    expect(groupFairness(sample, 'sex', groups, { ...options, minRows: 10 }).metrics).toMatchObject({
      'selection-rate-difference': expect.closeTo(0.3, 12) as number,
    });
  });

  it('has no true positive rate of a group without positives, and no difference from it', () => {
    const negatives: Cells = { truePositives: 0, falseNegatives: 0, falsePositives: 30, trueNegatives: 70 };
    const { sample, groups } = sampleOf([a, negatives]);
    const result = groupFairness(sample, 'sex', groups, options);
    expect(result.groups[1]).toMatchObject({ truePositiveRate: null, falsePositiveRate: 0.3 });
    expect(result.metrics['tpr-difference']).toBeNull();
    expect(result.metrics['fpr-difference']).toBeCloseTo(0.3 - 1 / 6, 12);
  });

  it('says 0 of a ratio when one group is never selected, with an end that is above, and nothing when none is', () => {
    const never: Cells = { truePositives: 0, falseNegatives: 50, falsePositives: 0, trueNegatives: 50 };
    const one = sampleOf([a, never]);
    const { metrics, intervals } = groupFairness(one.sample, 'sex', one.groups, options);
    expect(metrics['selection-rate-ratio']).toBe(0);
    expect(intervals['selection-rate-ratio']).toMatchObject({ low: 0 });
    expect(intervals['selection-rate-ratio']?.high).toBeGreaterThan(0.03);
    const none = sampleOf([never, never]);
    const result = groupFairness(none.sample, 'sex', none.groups, options);
    expect(result.metrics['selection-rate-ratio']).toBeNull();
    expect(result.intervals['selection-rate-ratio']).toBeUndefined();
  });

  it('goes by weights', () => {
    const { sample, groups } = sampleOf([a, b]);
    const weights = Float64Array.from(sample.scores, (score, row) => (row < 200 && score > 0.5 ? 3 : 1));
    const result = groupFairness({ ...sample, weights }, 'sex', groups, options);
    expect(result.groups[0]?.selectionRate).toBeCloseTo(240 / 360, 12);
    expect(result.groups[0]?.rows).toBe(200);
  });

  it('has no calibration of scores that are no probabilities', () => {
    const { sample, groups } = sampleOf([a, b]);
    const scores = sample.scores.map((score) => score * 10);
    const result = groupFairness({ ...sample, scores, threshold: 5 }, 'sex', groups, options);
    expect(result.groups.map(({ ece }) => ece)).toEqual([null, null]);
    expect(result.metrics).toMatchObject({ 'ece-difference': null });
    expect(result.metrics['tpr-difference']).toBe(0.25);
  });

  it('holds the true difference and ratio about as often as it says, also when the groups furthest apart are picked', () => {
    const shares = [0.3, 0.3, 0.4, 0.35];
    const truth = { 'selection-rate-difference': 0.1, 'selection-rate-ratio': 0.75 };
    const missed = { 'selection-rate-difference': 0, 'selection-rate-ratio': 0 };
    let state = 12345;
    const random = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const cells = shares.map((share) => {
        const selected = Array.from({ length: 200 }, random).filter((value) => value < share).length;
        return {
          truePositives: selected,
          falseNegatives: 200 - selected,
          falsePositives: 0,
          trueNegatives: 0,
        };
      });
      const { sample, groups } = sampleOf(cells);
      const { intervals } = groupFairness(sample, 'c', groups, options);
      for (const name of Object.keys(truth) as (keyof typeof truth)[]) {
        const { low, high } = intervals[name] as { low: number; high: number };
        if (truth[name] < low || truth[name] > high) missed[name]++;
      }
    }
    for (const count of Object.values(missed)) expect(count / rounds).toBeLessThanOrEqual(0.05);
  });
});
