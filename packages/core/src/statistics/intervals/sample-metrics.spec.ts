import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../../config/metrics';
import type { Sample } from '../sample';
import { sampleMetrics } from './sample-metrics';
import { binarySamples, multiclassSamples, regressionSamples, weightsOf } from './sample.fixture';
import type { WeightedMetric } from './weighted-metric';

const samples = fc.oneof(binarySamples, multiclassSamples, regressionSamples);
const weighted: fc.Arbitrary<[Sample, Float64Array]> = samples.chain((sample) =>
  fc.tuple(fc.constant<Sample>(sample), weightsOf(sampleMetrics(sample).entries.count)),
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
      fc.property(weighted, ([sample, weights]) => {
        const { metric } = sampleMetrics(sample);
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
    const tasks = ['binary-classification', 'multiclass-classification', 'regression'] as const;
    const expected = tasks.flatMap((task) =>
      metricsOfTask(task)
        .filter((name) => name !== 'max-error' && !withoutDerivatives.includes(name))
        .map((name) => `${task} ${name}`),
    );
    expect([...seen].sort()).toEqual(expected.sort());
  });
});
