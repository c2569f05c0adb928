import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../config/metrics';
import { measureSample } from './measure-sample';
import type { BinarySample } from './sample';

const all = metricsOfTask('binary-classification');

/** Rows with many ties, and sometimes one class only. */
const rows = fc.array(
  fc.record({
    score: fc.oneof(
      fc.integer({ min: 0, max: 8 }).map((value) => value / 8),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    label: fc.integer({ min: 0, max: 1 }),
  }),
  { minLength: 1, maxLength: 60 },
);

function inputOf(list: readonly { score: number; label: number }[], threshold = 0.5) {
  return {
    scores: Float64Array.from(list, ({ score }) => score),
    labels: Uint8Array.from(list, ({ label }) => label),
    threshold,
  };
}

function measured(input: Omit<BinarySample, 'task'>, names: readonly MetricName[]) {
  return measureSample({ task: 'binary-classification', ...input }, names);
}

describe('measureSample of a binary classifier', () => {
  it('counts each tie of a positive and a negative row as half a pair', () => {
    const labels = Uint8Array.of(0, 1, 0, 1);
    const scores = Float64Array.of(0.2, 0.2, 0.1, 0.9);
    // Of the four pairs three are ranked right and one is a tie.
    expect(measured({ scores, labels, threshold: 0.5 }, ['roc-auc'])).toEqual({ 'roc-auc': 3.5 / 4 });
  });

  it('equals the definition of AUC by pairs', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const positives = list.filter(({ label }) => label === 1);
        const negatives = list.filter(({ label }) => label === 0);
        const wins = positives.flatMap((p) =>
          negatives.map((n): number => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)),
        );
        const expected = wins.length === 0 ? null : wins.reduce((sum, each) => sum + each, 0) / wins.length;
        expect(measured(inputOf(list), ['roc-auc'])['roc-auc']).toBe(expected);
      }),
    );
  });

  it('ranks the same after any rising transformation of the scores', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const ranking = ['roc-auc', 'pr-auc'] as const;
        // On a grid, so that the transformation lets no two scores fall together.
        const grid = list.map(({ score, label }) => ({ score: Math.round(score * 1e6) / 1e6, label }));
        const risen = grid.map(({ score, label }) => ({ score: Math.exp(3 * score) - 7, label }));
        expect(measured(inputOf(risen), ranking)).toEqual(measured(inputOf(grid), ranking));
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    const shuffled = rows.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, mixed]) => {
        const before = measured(inputOf(list), all);
        const after = measured(inputOf(mixed), all);
        for (const name of all) {
          const [one, other] = [before[name], after[name]];
          if (typeof one !== 'number' || typeof other !== 'number') expect(one).toBe(other);
          else expect(other).toBeCloseTo(one, 12);
        }
      }),
    );
  });

  it('gives AUC and its complement when the scores are turned round', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const turned = list.map(({ score, label }) => ({ score: -score, label }));
        const auc = measured(inputOf(list), ['roc-auc'])['roc-auc'];
        const complement = measured(inputOf(turned), ['roc-auc'])['roc-auc'];
        if (typeof auc === 'number') expect(auc + Number(complement)).toBeCloseTo(1, 12);
        else expect(complement).toBeNull();
      }),
    );
  });

  it('stays within the bounds of each metric', () => {
    const bounds = { 'log-loss': [0, Infinity], mcc: [-1, 1], kappa: [-1, 1] } as Record<
      string,
      [number, number]
    >;
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (list, threshold) => {
        for (const [name, value] of Object.entries(measured(inputOf(list, threshold), all))) {
          if (value === null) continue;
          const [low, high] = bounds[name] ?? [0, 1];
          expect(value).toBeGreaterThanOrEqual(low - 1e-12);
          expect(value).toBeLessThanOrEqual(high + 1e-12);
        }
      }),
    );
  });

  it('takes a score at the threshold as positive, also where the score has 32 bits', () => {
    const at = { labels: Uint8Array.of(1), threshold: 0.1 };
    expect(measured({ ...at, scores: Float32Array.of(0.1) }, ['recall'])).toEqual({ recall: 1 });
    expect(measured({ ...at, scores: Float64Array.of(0.1) }, ['recall'])).toEqual({ recall: 1 });
    expect(measured({ ...at, scores: Float64Array.of(0.0999) }, ['recall'])).toEqual({ recall: 0 });
  });

  it('clips log loss at the epsilon of the scores', () => {
    const wrong = { labels: Uint8Array.of(0), threshold: 0.5 };
    expect(measured({ ...wrong, scores: Float32Array.of(1) }, ['log-loss'])['log-loss']).toBeCloseTo(
      23 * Math.LN2,
      9,
    );
    expect(measured({ ...wrong, scores: Float64Array.of(1) }, ['log-loss'])['log-loss']).toBeCloseTo(
      52 * Math.LN2,
      9,
    );
  });

  it('has no value where a metric is not defined', () => {
    const empty = measured(inputOf([]), all);
    expect(Object.values(empty)).toEqual(all.map(() => null));
    const negative = measured(inputOf([{ score: 0.2, label: 0 }]), all);
    expect(Object.keys(negative).filter((name) => negative[name] === null)).toEqual([
      'roc-auc',
      'pr-auc',
      'balanced-accuracy',
      'precision',
      'recall',
      'f1',
      'mcc',
      'kappa',
    ]);
  });

  it.each([NaN, Infinity, -Infinity])('names the row of a score that is %p', (bad) => {
    const input = { scores: Float32Array.of(0.1, 0.2, bad), labels: Uint8Array.of(0, 1, 1), threshold: 0.5 };
    expect(() => measured(input, ['accuracy'])).toThrow(
      expect.objectContaining({
        code: 'MLOPS_SCORE_NOT_FINITE',
        message: expect.stringContaining('row 2 (counted from 0)') as string,
      }),
    );
  });

  it('ranks scores that are no probabilities, and refuses their log loss', () => {
    const input = inputOf([
      { score: -3, label: 0 },
      { score: 4, label: 1 },
    ]);
    expect(measured(input, ['roc-auc', 'pr-auc'])).toEqual({ 'roc-auc': 1, 'pr-auc': 1 });
    for (const name of ['log-loss', 'brier'] as const) {
      expect(() => measured(input, [name])).toThrow(
        expect.objectContaining({ code: 'MLOPS_SCORE_NOT_PROBABILITY' }),
      );
    }
  });

  it.each([
    [{ scores: Float64Array.of(0.5), labels: Uint8Array.of(0, 1) }, 'MLOPS_LENGTH_MISMATCH'],
    [{ scores: Float64Array.of(0.5), labels: Uint8Array.of(2) }, 'MLOPS_LABEL_RANGE'],
  ])('refuses input that does not fit together: %#', (input, code) => {
    expect(() => measured({ ...input, threshold: 0.5 }, ['accuracy'])).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses a metric of another task and names its own', () => {
    expect(() => measured(inputOf([]), ['rmse'])).toThrow(/"rmse" is no metric of binary.*roc-auc/);
  });
});
