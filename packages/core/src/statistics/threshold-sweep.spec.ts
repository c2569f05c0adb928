import fc from 'fast-check';
import { measureSample } from './measure-sample';
import { thresholdSweep } from './threshold-sweep';

const samples = fc
  .array(fc.record({ score: fc.nat(300), label: fc.nat(1), weight: fc.nat(3) }), { maxLength: 400 })
  .map((rows) => ({
    scores: Float64Array.from(rows, ({ score }) => score / 300),
    labels: Uint8Array.from(rows, ({ label }) => label),
    weights: Float64Array.from(rows, ({ weight }) => weight),
  }));

describe('thresholdSweep', () => {
  it('says at each of its thresholds, which rise, what the metrics say', () => {
    fc.assert(
      fc.property(samples, fc.boolean(), ({ weights, ...sample }, weighted) => {
        const given = weighted ? { ...sample, weights } : sample;
        const points = thresholdSweep(given);
        expect(points.length).toBeLessThanOrEqual(101);
        points.forEach(({ threshold, precision, recall, f1, selectionRate }, index) => {
          const before = points[index - 1];
          if (before !== undefined) expect(threshold).toBeGreaterThan(before.threshold);
          const measured = measureSample({ task: 'binary-classification', ...given, threshold }, [
            'precision',
            'recall',
            'f1',
          ]);
          expect({ precision, recall, f1 }).toEqual(measured);
          const total = weighted ? weights.reduce((sum, each) => sum + each, 0) : sample.scores.length;
          const selected = sample.scores.reduce(
            (sum, score, row) => sum + (score >= threshold ? (weighted ? (weights[row] as number) : 1) : 0),
            0,
          );
          expect(selectionRate).toBeCloseTo(selected / total, 12);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('ends where every row is positive', () => {
    const scores = Float32Array.from({ length: 1000 }, (_, row) => row / 1000);
    const points = thresholdSweep({ scores, labels: Uint8Array.from(scores, (score) => +(score > 0.9)) });
    expect(points[0]).toMatchObject({ threshold: 0, recall: 1, selectionRate: 1 });
    expect(points.length).toBeGreaterThan(90);
  });

  it('has no points without rows', () => {
    expect(thresholdSweep({ scores: new Float64Array(0), labels: new Uint8Array(0) })).toEqual([]);
  });
});
