import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../../config/metrics';
import { measureSample } from '../measure-sample';
import { rowsOf, takeRows, type Sample } from '../sample';
import { sampleMetrics } from './sample-metrics';
import {
  binarySamples,
  multiclassSamples,
  rankingSamples,
  regressionSamples,
  weightsOf,
} from './sample.fixture';
import { ownValue, ownWeights, type WeightedMetric } from './weighted-metric';

const samples = fc.oneof(binarySamples, multiclassSamples, regressionSamples, rankingSamples);
const weighted: fc.Arbitrary<[Sample, Float64Array]> = samples.chain((sample) =>
  fc.tuple(fc.constant<Sample>(sample), weightsOf(rowsOf(sample))),
);

/** A median has no exact derivatives, and a calibration error only while no row changes its bin. */
const withoutDerivatives: readonly MetricName[] = ['median-absolute-error', 'ece'];

function differentiate(metric: WeightedMetric, weights: Float64Array, entry: number): number {
  const step = 1e-5;
  const at = (by: number) => {
    const moved = weights.slice();
    moved[entry] = (moved[entry] as number) + by;
    return metric.valueAt(moved) as number;
  };
  return (at(step) - at(-step)) / (2 * step);
}

describe('sampleMetrics', () => {
  it('has derivatives that equal numerical differentiation, for every metric', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(weighted, ([sample, rowWeights]) => {
        const { entries, metric } = sampleMetrics({ ...sample, weights: rowWeights });
        const weights = ownWeights(entries);
        for (const name of metricsOfTask(sample.task)) {
          const found = withoutDerivatives.includes(name) ? undefined : metric(name);
          const value = found?.valueAt(weights) ?? null;
          if (found === undefined || value === null) continue;
          // At a perfect fit the root of the squares has a corner, and so has the correlation of a constant prediction.
          if ((name === 'rmse' || name === 'mcc') && value === 0) continue;
          seen.add(`${sample.task} ${name}`);
          const derivatives = found.derivativesAt(weights);
          derivatives.forEach((derivative, entry) => {
            const expected = differentiate(found, weights, entry);
            expect(Math.abs(derivative - expected)).toBeLessThan(
              1e-6 * Math.max(1, Math.abs(expected), Math.abs(value)),
            );
          });
        }
      }),
      { numRuns: 150 },
    );
    const tasks = ['binary-classification', 'multiclass-classification', 'regression', 'ranking'] as const;
    const expected = tasks.flatMap((task) =>
      metricsOfTask(task)
        .filter((name) => name !== 'max-error' && !withoutDerivatives.includes(name))
        .map((name) => `${task} ${name}`),
    );
    expect([...seen].sort()).toEqual(expected.sort());
  });

  it('has at its own weights the value that measureSample gives', () => {
    fc.assert(
      fc.property(weighted, fc.boolean(), ([sample, weights], isWeighted) => {
        const measured: Sample = isWeighted ? { ...sample, weights } : sample;
        const { entries, metric } = sampleMetrics(measured);
        const names = metricsOfTask(sample.task);
        const expected = measureSample(measured, names);
        for (const name of names.filter((each) => each !== 'max-error')) {
          const found = metric(name) as WeightedMetric;
          expectClose(name, found.valueAt(ownWeights(entries)), expected[name] as number | null);
          expectClose(name, ownValue(found, entries), expected[name] as number | null);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has no effect of rows whose weight is 0', () => {
    fc.assert(
      fc.property(weighted, fc.nat(), ([sample, weights], seed) => {
        // Of a ranking it is the mean over a query's rows that counts.
        fc.pre(sample.task !== 'ranking');
        const kept = Uint32Array.from(weights.keys()).filter((row) => (row * 7 + seed) % 3 !== 0);
        const zeroed = weights.map((weight, row) => (kept.includes(row) ? weight : 0));
        const few = sampleMetrics(takeRows({ ...sample, weights }, kept));
        const all = sampleMetrics({ ...sample, weights: zeroed });
        for (const name of metricsOfTask(sample.task).filter((each) => each !== 'max-error')) {
          const value = ownValue(few.metric(name) as WeightedMetric, few.entries);
          expectClose(name, ownValue(all.metric(name) as WeightedMetric, all.entries), value);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('sums the squares of its derivatives where rows count alike, without a list of them', () => {
    fc.assert(
      fc.property(fc.oneof(binarySamples, multiclassSamples), (sample) => {
        const { entries, metric } = sampleMetrics(sample);
        for (const name of metricsOfTask(sample.task)) {
          const found = metric(name) as WeightedMetric;
          if (found.unweighted === undefined || ownValue(found, entries) === null) continue;
          const squares = new Map<number, number>();
          found.derivativesAt(ownWeights(entries)).forEach((derivative, row) => {
            const label = sample.labels[row] as number;
            squares.set(label, (squares.get(label) ?? 0) + derivative ** 2);
          });
          found
            .unweighted()
            .squaresByClass()
            .forEach((sum, label) => expect(sum).toBeCloseTo(squares.get(label) ?? 0, 12));
        }
      }),
    );
  });
});

function expectClose(name: string, actual: number | null, expected: number | null): void {
  if (actual === null || expected === null) expect({ [name]: actual }).toEqual({ [name]: expected });
  else expect(Math.abs(actual - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
}
