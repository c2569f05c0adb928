import fc from 'fast-check';
import { metricsOfTask } from '../../config/metrics';
import { groupedSample } from '../comparison/simulated-models.fixture';
import { measureSample } from '../measure-sample';
import type { BinarySample, Sample } from '../sample';
import { meanInterval, metricIntervals } from './metric-intervals';
import { binarySamples, multiclassSamples, rankingSamples, regressionSamples } from './sample.fixture';

const confidence = 0.95;
const plain = (rows: number, seed: number): BinarySample => ({
  ...groupedSample(rows, seed, 1),
  groups: undefined,
});

describe('metricIntervals', () => {
  it('takes for each metric the method that fits it', () => {
    const methodsOf = (sample: Sample) =>
      Object.fromEntries(
        Object.entries(metricIntervals(sample, metricsOfTask(sample.task), { confidence })).map(
          ([name, { method }]) => [name, method],
        ),
      );
    const jackknife = 'jackknife';
    const shares = { accuracy: 'wilson', precision: 'wilson', recall: 'wilson', specificity: 'wilson' };
    const others = { 'pr-auc': jackknife, 'log-loss': jackknife, brier: jackknife, f1: jackknife };
    const more = { 'balanced-accuracy': jackknife, mcc: jackknife, kappa: jackknife };
    expect(methodsOf(plain(200, 1))).toEqual({ 'roc-auc': 'delong', ...shares, ...others, ...more });
    // Rows of a group are no independent trials.
    expect(new Set(Object.values(methodsOf(groupedSample(200, 1, 10))))).toEqual(new Set([jackknife]));

    const errors = Float64Array.from({ length: 50 }, (_, row) => Math.sin(row));
    expect(
      methodsOf({ task: 'regression', scores: errors, targets: errors.map((each) => each ** 2) }),
    ).toEqual({
      mae: jackknife,
      rmse: jackknife,
      r2: jackknife,
      'mean-error': jackknife,
      'median-absolute-error': 'order-statistic',
      mape: jackknife,
      wape: jackknife,
    });
  });

  it('holds the value, and stays within the range of the metric', () => {
    const samples = fc.oneof(binarySamples, multiclassSamples, regressionSamples, rankingSamples);
    fc.assert(
      fc.property(samples, (sample) => {
        const names = metricsOfTask(sample.task);
        const values = measureSample(sample, names);
        for (const [name, { low, high }] of Object.entries(metricIntervals(sample, names, { confidence }))) {
          const value = values[name] as number;
          expect(low).toBeLessThanOrEqual(value + 1e-9);
          expect(high).toBeGreaterThanOrEqual(value - 1e-9);
          expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
          const unbounded = sample.task === 'regression' || name === 'log-loss' || name === 'brier';
          if (!unbounded) expect(high).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not take a perfect score of few rows for a sure one', () => {
    const labels = Uint8Array.from({ length: 40 }, (_, row) => (row < 12 ? 1 : 0));
    const sample: BinarySample = {
      task: 'binary-classification',
      labels,
      scores: Float64Array.from(labels, (label) => 0.1 + 0.8 * label),
      threshold: 0.5,
    };
    const intervals = metricIntervals(sample, ['roc-auc', 'pr-auc', 'f1', 'mcc'], { confidence });
    // Wilson's bound for 12 successes of 12: 12 / (12 + 1.96^2).
    const low = expect.closeTo(12 / (12 + 1.959963984540054 ** 2), 6) as number;
    for (const name of ['roc-auc', 'pr-auc', 'f1']) {
      expect(intervals[name]).toEqual({ low, high: 1, method: 'wilson' });
    }
    expect(intervals['mcc']).toMatchObject({ high: 1 });
  });

  it('has no entry for a metric that is not defined, or that nothing can be said of', () => {
    const oneClass: BinarySample = { ...plain(50, 3), labels: new Uint8Array(50) };
    expect(metricIntervals(oneClass, ['roc-auc', 'pr-auc', 'recall', 'mcc', 'ece'], { confidence })).toEqual(
      {},
    );
    const onePositive: BinarySample = { ...plain(50, 3), labels: new Uint8Array(50).fill(1, 49) };
    expect(metricIntervals(onePositive, ['roc-auc'], { confidence })).toEqual({});
    const none = { ...plain(1, 1), scores: new Float64Array(0), labels: new Uint8Array(0) };
    expect(metricIntervals(none, metricsOfTask('binary-classification'), { confidence })).toEqual({});
  });

  it('does not change with the unit of the weights, nor by groups of one row', () => {
    const sample = plain(300, 4);
    const weights = Float64Array.from(sample.labels, (_, row) => 1 + (row % 4));
    const names = metricsOfTask('binary-classification');
    const ends = (of: BinarySample) =>
      Object.entries(metricIntervals(of, names, { confidence })).flatMap(([, { low, high }]) => [low, high]);
    const expected = ends({ ...sample, weights }).map((end) => expect.closeTo(end, 10) as number);
    expect(ends({ ...sample, weights: weights.map((weight) => weight * 1_000) })).toEqual(expected);
    const groups = Uint32Array.from(weights, (_, row) => row * 7_000_003);
    expect(ends({ ...sample, weights, groups })).toEqual(expected);
  });

  it('refuses a metric of another task', () => {
    expect(() => metricIntervals(plain(50, 1), ['mae'], { confidence })).toThrow(
      '"mae" is no metric of binary-classification',
    );
  });
});

describe('meanInterval', () => {
  it('is the t interval of a mean', () => {
    // Mean 3, s / sqrt(5) = 0.7071, t(0.975, 4) = 2.7764.
    const interval = meanInterval(Float64Array.of(1, 2, 3, 4, 5), { confidence });
    expect(interval?.low).toBeCloseTo(3 - 2.7764451 * Math.SQRT1_2, 6);
    expect(interval?.high).toBeCloseTo(3 + 2.7764451 * Math.SQRT1_2, 6);
  });

  it('is not there for one row, or one group', () => {
    expect(meanInterval(Float64Array.of(1), { confidence })).toBeUndefined();
    expect(meanInterval(Float64Array.of(1, 2), { confidence, groups: Uint32Array.of(4, 4) })).toBeUndefined();
  });
});
