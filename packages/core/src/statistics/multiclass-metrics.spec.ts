import fc from 'fast-check';
import { metricsOfTask } from '../config/metrics';
import { multiclassMetrics } from './multiclass-metrics';

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
      labels: Int32Array.from(rows, ({ label }) => label),
      scores: Float64Array.from(
        rows.flatMap(({ weights }) => {
          const sum = weights.reduce((total, each) => total + each, 0);
          return weights.map((weight) => weight / sum);
        }),
      ),
      classCount,
    })),
);

describe('multiclassMetrics', () => {
  it('predicts the first of the classes with the highest score', () => {
    const input = {
      scores: Float32Array.of(0.4, 0.4, 0.2),
      labels: Uint16Array.of(0),
      classCount: 3,
    };
    expect(multiclassMetrics(input, ['accuracy'])).toEqual({ accuracy: 1 });
  });

  it('stays within its bounds, whatever the classes', () => {
    fc.assert(
      fc.property(predictions, (input) => {
        const { 'log-loss': loss, ...shares } = multiclassMetrics(input, all);
        expect(loss).toBeGreaterThanOrEqual(0);
        for (const value of Object.values(shares)) {
          if (value === null) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('does not depend on the order of the classes when no scores tie', () => {
    const distinct = predictions.map(({ labels, scores, classCount }) => ({
      labels,
      scores: scores.map((score, index) => score / 2 + ((index * 7919) % 1009) / 1e4),
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
        const before = multiclassMetrics({ labels, scores, classCount }, all);
        const after = multiclassMetrics(reversed, all);
        for (const name of all) {
          if (before[name] === null) expect(after[name]).toBeNull();
          else expect(after[name]).toBeCloseTo(before[name] as number, 12);
        }
      }),
    );
  });

  it('names the row, not the entry, of a score that is not finite', () => {
    const input = {
      scores: Float32Array.of(0.5, 0.5, 0.5, NaN),
      labels: Uint16Array.of(0, 1),
      classCount: 2,
    };
    expect(() => multiclassMetrics(input, all)).toThrow(/row 1 \(counted from 0\) is NaN/);
  });

  it.each([-1, 2])('refuses the class %p of a model with two', (label) => {
    const input = { scores: Float64Array.of(0.5, 0.5), labels: Int32Array.of(label), classCount: 2 };
    expect(() => multiclassMetrics(input, all)).toThrow(
      expect.objectContaining({ code: 'MLOPS_LABEL_RANGE' }),
    );
  });

  it('refuses scores that are not one a class and row', () => {
    const input = { scores: Float64Array.of(0.5, 0.5, 0), labels: Int32Array.of(0), classCount: 2 };
    expect(() => multiclassMetrics(input, all)).toThrow(
      expect.objectContaining({ code: 'MLOPS_LENGTH_MISMATCH' }),
    );
  });
});
