import fc from 'fast-check';
import { thresholdCriteria, type ChosenThresholdRule } from '../config/evaluation-config';
import { chooseThreshold } from './choose-threshold';
import { measureSample } from './measure-sample';
import type { BinarySample } from './sample';

type Sample = Omit<BinarySample, 'task' | 'threshold'>;

/** Rows of both classes with many ties; of whole weights, or none. */
const samples: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.array(
      fc.record({
        score: fc.integer({ min: 0, max: 16 }).map((value) => value / 16),
        label: fc.integer({ min: 0, max: 1 }),
        weight: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 2, maxLength: 40 },
    ),
    fc.boolean(),
  )
  .filter(([rows]) => new Set(rows.map(({ label }) => label)).size === 2)
  .map(([rows, weighted]) => ({
    scores: Float64Array.from(rows, ({ score }) => score),
    labels: Uint8Array.from(rows, ({ label }) => label),
    ...(weighted ? { weights: Float64Array.from(rows, ({ weight }) => weight) } : {}),
  }));

/** Each score as the threshold, from the highest down, with the metrics there. */
function allThresholds(sample: Sample) {
  const names = ['f1', 'mcc', 'accuracy', 'balanced-accuracy', 'precision', 'recall', 'specificity'] as const;
  return [...new Set(sample.scores)]
    .sort((a, b) => b - a)
    .map((threshold) => ({
      threshold,
      metrics: measureSample({ task: 'binary-classification', ...sample, threshold }, names) as Record<
        (typeof names)[number],
        number
      >,
    }));
}

/** The highest threshold at which the merit is largest but for a rounding. */
function bestOf(
  sample: Sample,
  merit: (metrics: ReturnType<typeof allThresholds>[number]['metrics']) => number,
) {
  const all = allThresholds(sample).map(({ threshold, metrics }) => ({ threshold, merit: merit(metrics) }));
  const best = Math.max(...all.map((each) => each.merit));
  return all.find((each) => each.merit > best - 1e-12)?.threshold;
}

describe('chooseThreshold', () => {
  it.each(thresholdCriteria)('maximises %s as measured at every score', (criterion) => {
    fc.assert(
      fc.property(samples, (sample) => {
        const expected = bestOf(sample, (metrics) =>
          criterion === 'youden' ? metrics.recall + metrics.specificity - 1 : metrics[criterion],
        );
        expect(chooseThreshold(sample, { maximise: criterion })).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('takes the highest of two thresholds whose MCC differs by a rounding alone', () => {
    const scores = Float64Array.of(0.125, 0, 0, 0.0625, 0.0625, 0.0625, 0.0625, 0, 0.0625);
    const labels = Uint8Array.of(1, 0, 0, 1, 0, 1, 0, 1, 1);
    expect(chooseThreshold({ scores, labels }, { maximise: 'mcc' })).toBe(0.125);
  });

  it('takes the highest threshold that finds enough positives', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 20 }), (sample, twentieths) => {
        const minRecall = twentieths / 20;
        const expected = allThresholds(sample).find(({ metrics }) => metrics.recall >= minRecall)?.threshold;
        expect(chooseThreshold(sample, { minRecall })).toBe(expected);
      }),
    );
  });

  it('takes the lowest threshold that is precise enough, or says what can be had', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 20 }), (sample, twentieths) => {
        const minPrecision = twentieths / 20;
        const expected = allThresholds(sample)
          .reverse()
          .find(({ metrics }) => metrics.precision >= minPrecision)?.threshold;
        if (expected !== undefined) expect(chooseThreshold(sample, { minPrecision })).toBe(expected);
        else {
          expect(() => chooseThreshold(sample, { minPrecision })).toThrow(
            expect.objectContaining({ code: 'MLOPS_THRESHOLD' }),
          );
        }
      }),
    );
  });

  it('has the least cost of all scores', () => {
    const cost = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(samples, cost, cost, (sample, falsePositiveCost, falseNegativeCost) => {
        const weightOf = (row: number) => sample.weights?.[row] ?? 1;
        const costAt = (threshold: number) =>
          [...sample.scores].reduce((sum, score, row) => {
            const predicted = score >= threshold ? 1 : 0;
            if (predicted === sample.labels[row]) return sum;
            return sum + weightOf(row) * (predicted === 1 ? falsePositiveCost : falseNegativeCost);
          }, 0);
        const all = allThresholds(sample).map(({ threshold }) => threshold);
        const least = Math.min(...all.map(costAt));
        expect(chooseThreshold(sample, { falsePositiveCost, falseNegativeCost })).toBe(
          all.find((threshold) => costAt(threshold) === least),
        );
      }),
    );
  });

  it('is a score of 32 bits as it is, at which that score is positive', () => {
    const scores = Float32Array.of(0.1, 0.7, 0.2);
    const labels = Uint8Array.of(0, 1, 0);
    const threshold = chooseThreshold({ scores, labels }, { maximise: 'f1' });
    expect(threshold).toBe(Math.fround(0.7));
    const written = JSON.parse(JSON.stringify(threshold)) as number;
    expect(
      measureSample({ task: 'binary-classification', scores, labels, threshold: written }, ['f1']),
    ).toEqual({ f1: 1 });
  });

  it('names the precision that can be had', () => {
    const sample = { scores: Float64Array.of(0.9, 0.8, 0.1), labels: Uint8Array.of(0, 1, 0) };
    expect(() => chooseThreshold(sample, { minPrecision: 0.9 })).toThrow(
      /no threshold has a precision of 0\.9 on these rows: the highest is 0\.5, at 0\.8\./,
    );
  });

  it.each<[number[], number[] | undefined, RegExp]>([
    [[0, 0], undefined, /all 2 rows are negative\./],
    [[1, 1], undefined, /all 2 rows are positive\./],
    [[1, 0], [1, 0], /all 2 rows are positive or have no weight\./],
  ])('needs two classes: %j with weights %j', (labels, weights, message) => {
    const rule: ChosenThresholdRule = { minRecall: 0.5 };
    const sample = {
      scores: Float64Array.of(0.1, 0.2),
      labels: Uint8Array.from(labels),
      ...(weights === undefined ? {} : { weights: Float64Array.from(weights) }),
    };
    expect(() => chooseThreshold(sample, rule)).toThrow(message);
  });
});
