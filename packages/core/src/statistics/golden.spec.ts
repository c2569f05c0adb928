import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { metricsOfTask } from '../config/metrics';
import { metricValuesSchema, type MetricValues } from '../manifest/evaluation';
import { binaryMetrics } from './binary-metrics';
import { confusionMatrix } from './confusion-matrix';
import { multiclassMetrics } from './multiclass-metrics';
import { classesByHighestScore, classesByThreshold } from './predicted-classes';
import { regressionMetrics } from './regression-metrics';
import { rocCurve } from './roc-curve';

/** Values of scikit-learn, made by tools/golden/make-statistics-golden.py. */
function goldenCases<Case extends z.ZodType<{ name: string }>>(file: string, schema: Case): z.output<Case>[] {
  const document = z.object({ scikitLearn: z.string(), cases: z.array(schema).min(5) });
  return document.parse(JSON.parse(readFileSync(join(__dirname, 'golden', file), 'utf8'))).cases;
}

const numbers = z.array(z.number());
const common = { name: z.string(), metrics: metricValuesSchema };

function expectEqual(actual: MetricValues, golden: MetricValues): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(golden).sort());
  for (const [name, expected] of Object.entries(golden)) {
    const value = actual[name];
    if (expected === null || value === null || value === undefined) {
      expect({ [name]: value }).toEqual({ [name]: expected });
    } else {
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
    }
  }
}

describe('binary classification equals scikit-learn', () => {
  const cases = goldenCases(
    'binary.json',
    z.object({
      ...common,
      labels: numbers,
      scores: numbers,
      threshold: z.number(),
      confusion: z.array(numbers),
      rocCurve: z.array(z.tuple([z.number(), z.number(), z.number()])),
    }),
  );

  it.each(cases)('$name', ({ labels, scores, threshold, metrics, confusion, rocCurve: curve }) => {
    const input = { scores: Float64Array.from(scores), labels: Uint8Array.from(labels), threshold };
    expectEqual(binaryMetrics(input, metricsOfTask('binary-classification')), metrics);
    expect(confusionMatrix(input.labels, classesByThreshold(input.scores, threshold), 2)).toEqual(confusion);

    const [, ...points] = rocCurve(input.scores, input.labels, scores.length + 1);
    expect(points).toHaveLength(curve.length);
    points.forEach((point, index) => {
      const [falsePositiveRate, truePositiveRate, at] = curve[index] as [number, number, number];
      expect(point.falsePositiveRate).toBeCloseTo(falsePositiveRate, 12);
      expect(point.truePositiveRate).toBeCloseTo(truePositiveRate, 12);
      expect(point.threshold).toBe(at);
    });
  });
});

describe('multiclass classification equals scikit-learn', () => {
  const cases = goldenCases(
    'multiclass.json',
    z.object({
      ...common,
      classCount: z.int(),
      labels: numbers,
      scores: numbers,
      confusion: z.array(numbers),
    }),
  );

  it.each(cases)('$name', ({ labels, scores, classCount, metrics, confusion }) => {
    const input = { scores: Float64Array.from(scores), labels: Int32Array.from(labels), classCount };
    expectEqual(multiclassMetrics(input, metricsOfTask('multiclass-classification')), metrics);
    const predicted = classesByHighestScore(input.scores, classCount);
    expect(confusionMatrix(input.labels, predicted, classCount)).toEqual(confusion);
  });
});

describe('regression equals scikit-learn', () => {
  const cases = goldenCases(
    'regression.json',
    z.object({ ...common, targets: numbers, predictions: numbers }),
  );

  it.each(cases)('$name', ({ targets, predictions, metrics }) => {
    const input = { targets: Float64Array.from(targets), predictions: Float64Array.from(predictions) };
    expectEqual(regressionMetrics(input, metricsOfTask('regression')), metrics);
  });
});
