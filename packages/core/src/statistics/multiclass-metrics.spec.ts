import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../config/metrics';
import { measureSample } from './measure-sample';
import type { MulticlassSample } from './sample';

const all = metricsOfTask('multiclass-classification');

const predictions = fc.integer({ min: 2, max: 5 }).chain((classCount) =>
  fc
    .array(
      fc.record({
        label: fc.integer({ min: 0, max: classCount - 1 }),
        weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: classCount, maxLength: classCount }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((rows) => ({
      labels: Uint16Array.from(rows, ({ label }) => label),
      scores: Float64Array.from(
        rows.flatMap(({ weights }) => {
          const sum = weights.reduce((total, each) => total + each, 0);
          return weights.map((weight) => weight / sum);
        }),
      ),
      classCount,
    })),
);

/** Each row divided by its sum. */
function normalised(scores: Float64Array, classCount: number): Float64Array {
  return scores.map((score, index) => {
    const start = index - (index % classCount);
    return score / scores.subarray(start, start + classCount).reduce((sum, each) => sum + each, 0);
  });
}

function measured(input: Omit<MulticlassSample, 'task'>, names: readonly MetricName[]) {
  return measureSample({ task: 'multiclass-classification', ...input }, names);
}

describe('measureSample of several classes', () => {
  it('predicts the first of the classes with the highest score', () => {
    const input = {
      scores: Float32Array.of(0.4, 0.4, 0.2),
      labels: Uint16Array.of(0),
      classCount: 3,
    };
    expect(measured(input, ['accuracy'])).toEqual({ accuracy: 1 });
  });

  it('stays within its bounds, whatever the classes', () => {
    const bounds: Record<string, [number, number]> = {
      'log-loss': [0, Infinity],
      brier: [0, 2],
      mcc: [-1, 1],
      kappa: [-1, 1],
    };
    fc.assert(
      fc.property(predictions, (input) => {
        for (const [name, value] of Object.entries(measured(input, all))) {
          if (value === null) continue;
          const [low, high] = bounds[name] ?? [0, 1];
          expect(value).toBeGreaterThanOrEqual(low - 1e-12);
          expect(value).toBeLessThanOrEqual(high + 1e-12);
        }
      }),
    );
  });

  it('does not depend on the order of the classes when no scores tie', () => {
    const distinct = predictions.map(({ labels, scores, classCount }) => ({
      labels,
      scores: normalised(
        scores.map((score, index) => score / 2 + ((index * 7919) % 1009) / 1e4),
        classCount,
      ),
      classCount,
    }));
    fc.assert(
      fc.property(distinct, ({ labels, scores, classCount }) => {
        const turned = (index: number) => classCount - 1 - index;
        const reversed = {
          labels: labels.map(turned),
          scores: scores.map((_, index) => {
            const row = Math.floor(index / classCount);
            return scores[row * classCount + turned(index % classCount)] as number;
          }),
          classCount,
        };
        const before = measured({ labels, scores, classCount }, all);
        const after = measured(reversed, all);
        for (const name of all) {
          if (before[name] === null) expect(after[name]).toBeNull();
          else expect(after[name]).toBeCloseTo(before[name] as number, 12);
        }
      }),
    );
  });

  it('is for two classes what it is for a binary classifier', () => {
    fc.assert(
      fc.property(predictions, ({ labels, scores }) => {
        const positive = Float64Array.from(labels, (_, row) => scores[row] as number).map((score, row) =>
          // No score ties with its complement at 0.5.
          score === 0.5 ? 0.51 : Math.min(0.99, score + row * 1e-6),
        );
        const binaryLabels = Uint8Array.from(labels, (label) => label % 2);
        const shared = ['log-loss', 'brier', 'accuracy', 'balanced-accuracy', 'mcc', 'kappa'] as const;
        const binary = measureSample(
          { task: 'binary-classification', scores: positive, labels: binaryLabels, threshold: 0.5 },
          shared,
        );
        const pairs = Float64Array.from([...positive].flatMap((score) => [1 - score, score]));
        const both = measured(
          { scores: pairs, labels: Uint16Array.from(binaryLabels), classCount: 2 },
          shared,
        );
        for (const name of shared) {
          if (binary[name] === null) expect(both[name]).toBeNull();
          else expect(both[name]).toBeCloseTo(binary[name] as number, 12);
        }
      }),
    );
  });

  it('counts a row among the k highest as scikit-learn does where scores tie: the later class is higher', () => {
    const scores = Float64Array.of(0.25, 0.25, 0.25, 0.25);
    const topOf = (label: number, k: number) =>
      measured({ scores, labels: Uint16Array.of(label), classCount: 4 }, [`top-k-accuracy@${k}`]);
    expect(topOf(3, 1)).toEqual({ 'top-k-accuracy@1': 1 });
    expect(topOf(2, 1)).toEqual({ 'top-k-accuracy@1': 0 });
    expect(topOf(2, 2)).toEqual({ 'top-k-accuracy@2': 1 });
    expect(topOf(0, 9)).toEqual({ 'top-k-accuracy@9': 1 });
  });

  it.each(['log-loss', 'brier', 'ece'] as const)('has no %s of scores that are no distribution', (name) => {
    const rows = { labels: Uint16Array.of(0, 1), classCount: 2 };
    const logits = { ...rows, scores: Float32Array.of(0.5, 0.5, 0.75, 0.5) };
    expect(() => measured(logits, [name])).toThrow(
      expect.objectContaining({
        code: 'MLOPS_SCORE_NOT_DISTRIBUTION',
        message: expect.stringMatching(/row 1 \(counted from 0\) sum to 1\.25, not to 1.*softmax/) as string,
      }),
    );
    expect(measured(logits, ['accuracy'])).toEqual({ accuracy: 0.5 });
    const quantised = { ...rows, scores: Float32Array.of(0.5, 0.5, 0.4995, 0.4999) };
    expect(measured(quantised, [name])[name]).toEqual(expect.any(Number));
    const outside = { ...rows, scores: Float32Array.of(0.5, 0.5, 1.5, -0.5) };
    expect(() => measured(outside, [name])).toThrow(
      expect.objectContaining({ code: 'MLOPS_SCORE_NOT_PROBABILITY' }),
    );
  });

  it('names the row, not the entry, of a score that is not finite', () => {
    const input = {
      scores: Float32Array.of(0.5, 0.5, 0.5, NaN),
      labels: Uint16Array.of(0, 1),
      classCount: 2,
    };
    expect(() => measured(input, all)).toThrow(/row 1 \(counted from 0\) is NaN/);
  });

  it('refuses a class that the model does not know', () => {
    const input = { scores: Float64Array.of(0.5, 0.5), labels: Uint16Array.of(2), classCount: 2 };
    expect(() => measured(input, all)).toThrow(expect.objectContaining({ code: 'MLOPS_LABEL_RANGE' }));
  });

  it('refuses scores that are not one a class and row', () => {
    const input = { scores: Float64Array.of(0.5, 0.5, 0), labels: Uint16Array.of(0), classCount: 2 };
    expect(() => measured(input, all)).toThrow(expect.objectContaining({ code: 'MLOPS_LENGTH_MISMATCH' }));
  });
});
