import type { MetricName } from '../../config/metrics';
import type { Interval, MetricValues } from '../../manifest/evaluation';
import { groupedSample, pairByMae } from '../comparison/simulated-models.fixture';
import { measureSample } from '../measure-sample';
import type { Sample } from '../sample';
import { metricIntervals } from './metric-intervals';

jest.setTimeout(120_000);

/** Share of the intervals that hold the value of a sample so large that it is the truth. */
function coverage(
  sampleOf: (seed: number) => Sample,
  truth: MetricValues,
  name: MetricName,
  repetitions: number,
) {
  let covered = 0;
  for (let seed = 1; seed <= repetitions; seed++) {
    const { low, high } = metricIntervals(sampleOf(seed), [name], { confidence: 0.95 })[name] as Interval;
    const value = truth[name] as number;
    if (low <= value && value <= high) covered++;
  }
  return covered / repetitions;
}

const ofBinary: MetricName[] = ['roc-auc', 'pr-auc', 'f1', 'log-loss', 'accuracy', 'mcc'];

describe('intervals hold the truth as often as they say', () => {
  const truth = measureSample(groupedSample(100_000, 99, 1), ofBinary);

  it.each(ofBinary)('%s of 300 rows', (name) => {
    const share = coverage(
      (seed) => ({ ...groupedSample(300, seed, 1), groups: undefined }),
      truth,
      name,
      500,
    );
    expect(share).toBeGreaterThan(0.925);
    expect(share).toBeLessThan(0.975);
  });

  it('mae of 300 rows', () => {
    // The error of the simulated champion is 1 by construction.
    const share = coverage((seed) => pairByMae(300, seed, 0).champion, { mae: 1 }, 'mae', 500);
    expect(share).toBeGreaterThan(0.925);
    expect(share).toBeLessThan(0.975);
  });
});

describe('rows of a group lean the same way', () => {
  const names: MetricName[] = ['roc-auc', 'log-loss', 'accuracy'];
  const truth = measureSample(groupedSample(100_000, 98, 20), names);

  it.each(names)('%s: the interval over 20 groups holds the truth, that over rows does not', (name) => {
    const grouped = coverage((seed) => groupedSample(400, seed, 20), truth, name, 300);
    expect(grouped).toBeGreaterThan(0.91);
    expect(grouped).toBeLessThan(0.985);
    const byRows = coverage(
      (seed) => ({ ...groupedSample(400, seed, 20), groups: undefined }),
      truth,
      name,
      400,
    );
    expect(byRows).toBeLessThan(0.85);
  });
});
