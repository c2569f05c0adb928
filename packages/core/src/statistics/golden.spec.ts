import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { metricsOfTask, type MetricName } from '../config/metrics';
import { metricValuesSchema, type MetricValues } from '../manifest/evaluation';
import { confusionMatrix } from './confusion-matrix';
import { measureSample } from './measure-sample';
import { classesByHighestScore, classesByThreshold } from './predicted-classes';
import { rocCurve } from './roc-curve';
import type { Sample } from './sample';

/** Values of scikit-learn and trec_eval, made by tools/golden/make-statistics-golden.py. */
function goldenCases<Case extends z.ZodType<{ name: string }>>(file: string, schema: Case): z.output<Case>[] {
  const document = z.object({ scikitLearn: z.string(), cases: z.array(schema).min(5) });
  return document.parse(JSON.parse(readFileSync(join(__dirname, 'golden', file), 'utf8'))).cases;
}

const numbers = z.array(z.number());
const common = { name: z.string(), weights: numbers.optional(), metrics: metricValuesSchema };

/** Every metric of the task is there, and equal. */
function expectGolden(
  sample: Sample,
  { weights, metrics }: { weights?: number[]; metrics: MetricValues },
): void {
  const names = Object.keys(metrics) as MetricName[];
  expect(names).toEqual(expect.arrayContaining(metricsOfTask(sample.task)));
  const weighted = weights === undefined ? sample : { ...sample, weights: Float64Array.from(weights) };
  const measured = measureSample(weighted, names);
  for (const [name, expected] of Object.entries(metrics)) {
    const value = measured[name];
    if (expected === null || value === null || value === undefined) {
      expect({ [name]: value }).toEqual({ [name]: expected });
    } else {
      const distance = Math.abs(value - expected);
      expect({ [name]: distance / Math.max(1, Math.abs(expected)) < 1e-9 }).toEqual({ [name]: true });
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

  it.each(cases)('$name', ({ labels, scores, threshold, confusion, rocCurve: curve, ...golden }) => {
    const input = { scores: Float64Array.from(scores), labels: Uint8Array.from(labels), threshold };
    expectGolden({ task: 'binary-classification', ...input }, golden);
    expect(confusionMatrix(input.labels, classesByThreshold(input.scores, threshold), 2)).toEqual(confusion);

    const [, ...points] = rocCurve(input, scores.length + 1);
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

  it.each(cases)('$name', ({ labels, scores, classCount, confusion, ...golden }) => {
    const input = { scores: Float64Array.from(scores), labels: Uint16Array.from(labels), classCount };
    expectGolden({ task: 'multiclass-classification', ...input }, golden);
    const predicted = classesByHighestScore(input.scores, classCount);
    expect(confusionMatrix(input.labels, predicted, classCount)).toEqual(confusion);
  });
});

describe('regression equals scikit-learn', () => {
  const cases = goldenCases(
    'regression.json',
    z.object({ ...common, targets: numbers, predictions: numbers }),
  );

  it.each(cases)('$name', ({ targets, predictions, ...golden }) => {
    const input = { targets: Float64Array.from(targets), scores: Float64Array.from(predictions) };
    expectGolden({ task: 'regression', ...input }, golden);
  });
});

describe('ranking equals scikit-learn (NDCG) and trec_eval', () => {
  const cases = goldenCases(
    'ranking.json',
    z.object({ ...common, relevance: numbers, scores: numbers, queries: numbers }),
  );

  it.each(cases)('$name', ({ relevance, scores, queries, ...golden }) => {
    const input = {
      relevance: Float64Array.from(relevance),
      scores: Float64Array.from(scores),
      queries: Uint32Array.from(queries),
    };
    expectGolden({ task: 'ranking', ...input }, golden);
  });
});
