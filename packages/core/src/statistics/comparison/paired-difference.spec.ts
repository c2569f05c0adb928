import { metricsOfTask, type MetricName } from '../../config/metrics';
import { takeRows, type BinarySample, type Sample } from '../sample';
import { discordantRows } from './discordant-rows';
import { tangoInterval } from './mcnemar';
import { pairedDifference, pairedMeanDifference } from './paired-difference';
import { groupedSample, pairByAccuracy, pairByMae, pairByRocAuc } from './simulated-models.fixture';

const alpha = 0.05;
const plain = (rows: number, seed: number): BinarySample => ({
  ...groupedSample(rows, seed, 1),
  groups: undefined,
});
const names = metricsOfTask('binary-classification');

describe('pairedDifference', () => {
  it.each([120, 2_500])('of a model with itself is 0 for sure, in every metric, of %i rows', (rows) => {
    const sample = plain(rows, 1);
    for (const name of names) {
      const same = { difference: 0, low: 0, high: 0, p: 1, pWorse: 1, standardError: 0, rows };
      expect(
        pairedDifference(sample, { ...sample, scores: sample.scores.slice() }, name, { alpha }),
      ).toMatchObject(same);
    }
    const mcnemar = pairedDifference(sample, sample, 'accuracy', { alpha, test: 'mcnemar' });
    expect(mcnemar).toMatchObject({ difference: 0, low: 0, high: 0, p: 1, pWorse: 1, test: 'mcnemar' });
  });

  it.each(['roc-auc', 'log-loss', 'accuracy', 'f1', 'pr-auc'] as MetricName[])(
    'of %s turns its sign when the models change places',
    (name) => {
      const { challenger, champion } = pairByRocAuc(400, 3, 0.05);
      const one = pairedDifference(challenger, champion, name, { alpha, seed: 5 });
      const other = pairedDifference(champion, challenger, name, { alpha, seed: 5 });
      expect(other?.difference).toBeCloseTo(-(one?.difference as number), 12);
      expect(other?.low).toBeCloseTo(-(one?.high as number), 12);
      expect(other?.p).toBeCloseTo(one?.p as number, 12);
    },
  );

  it('is above 0 for the model with the smaller error', () => {
    const { challenger, champion } = pairByMae(300, 4, 0.3);
    expect(pairedDifference(champion, challenger, 'mae', { alpha })?.low).toBeGreaterThan(0);
    expect(pairedDifference(challenger, champion, 'mae', { alpha })?.pWorse).toBe(1 / 2_000);
  });

  it('hardly changes where the bootstrap gives way to the jackknife', () => {
    const { challenger, champion } = pairByMae(2_001, 5, 0.02);
    const jackknife = pairedDifference(challenger, champion, 'mae', { alpha });
    const bootstrap = pairedDifference(challenger, champion, 'mae', { alpha, test: 'bootstrap' });
    expect([jackknife?.test, bootstrap?.test]).toEqual(['jackknife', 'bootstrap']);
    const error = jackknife?.standardError as number;
    expect(Math.abs((bootstrap?.standardError as number) / error - 1)).toBeLessThan(0.06);
    expect(Math.abs((bootstrap?.low as number) - (jackknife?.low as number))).toBeLessThan(0.2 * error);
  });

  it("falls back from DeLong's test where a class has fewer than ten rows, or rows have groups", () => {
    const { challenger, champion } = pairByRocAuc(400, 8, 0);
    const positives = [...challenger.labels.keys()].filter((row) => challenger.labels[row] === 1);
    const negatives = [...challenger.labels.keys()].filter((row) => challenger.labels[row] === 0);
    const testOf = (count: number) => {
      const rows = Uint32Array.from([...positives.slice(0, count), ...negatives.slice(0, 60)]);
      return pairedDifference(takeRows(challenger, rows), takeRows(champion, rows), 'roc-auc', { alpha })
        ?.test;
    };
    expect([testOf(9), testOf(10)]).toEqual(['bootstrap', 'delong']);
    const groups = Uint32Array.from({ length: 400 }, (_, row) => row >> 2);
    const grouped = pairedDifference({ ...challenger, groups }, { ...champion, groups }, 'roc-auc', {
      alpha,
      test: 'delong',
    });
    expect(grouped?.test).toBe('bootstrap');
  });

  it('is not there where a metric is not defined', () => {
    const sample = plain(50, 2);
    const oneClass = { ...sample, labels: new Uint8Array(50) };
    expect(pairedDifference(oneClass, oneClass, 'roc-auc', { alpha })).toBeUndefined();
    const none = takeRows(sample, new Uint32Array(0));
    expect(pairedDifference(none, none, 'accuracy', { alpha, test: 'mcnemar' })).toBeUndefined();
  });

  it.each<[string, Sample, Sample, MetricName, 'auto' | 'delong' | 'mcnemar']>([
    ['there are 40 rows of the challenger for 50', plain(40, 1), plain(50, 1), 'accuracy', 'auto'],
    ['"mae" is no metric of binary-classification', plain(50, 1), plain(50, 1), 'mae', 'auto'],
    ['"delong" is a test of roc-auc, not of f1', plain(50, 1), plain(50, 1), 'f1', 'delong'],
    ['"mcnemar" is a test of accuracy, not of f1', plain(50, 1), plain(50, 1), 'f1', 'mcnemar'],
    ['these have weights or groups', groupedSample(50, 1, 2), groupedSample(50, 1, 2), 'accuracy', 'mcnemar'],
    [
      '"max-error" hangs on a single row',
      pairByMae(9, 1, 0).champion,
      pairByMae(9, 1, 0).champion,
      'max-error',
      'auto',
    ],
  ])('refuses: %s', (message, challenger, champion, metric, test) => {
    expect(() => pairedDifference(challenger, champion, metric, { alpha, test })).toThrow(message);
  });
});

describe('pairedMeanDifference', () => {
  it('is what pairedDifference says of the same errors', () => {
    const { challenger, champion } = pairByMae(300, 9, 0.1);
    const errors = (sample: typeof challenger) =>
      Float64Array.from(sample.targets, (target, row) => Math.abs((sample.scores[row] as number) - target));
    const byRow = pairedMeanDifference(errors(challenger), errors(champion), 'lower', { alpha, seed: 2 });
    const byMetric = pairedDifference(challenger, champion, 'mae', { alpha, seed: 2 });
    expect(byRow?.difference).toBeCloseTo(byMetric?.difference as number, 12);
    expect(byRow?.low).toBeCloseTo(byMetric?.low as number, 12);
  });

  it('is wider over groups than over rows that gain alike', () => {
    const champion = new Float64Array(600);
    const challenger = champion.map((_, row) => Math.sin(Math.floor(row / 20)) + Math.sin(row * 7.3) / 2);
    const groups = Uint32Array.from(champion, (_, row) => Math.floor(row / 20));
    const widthOf = (options: { groups?: Uint32Array }) => {
      const found = pairedMeanDifference(challenger, champion, 'higher', { alpha, ...options });
      return (found?.high as number) - (found?.low as number);
    };
    // By the root of 20 of what they share, less what they do not.
    expect(widthOf({ groups })).toBeGreaterThan(3 * widthOf({}));
  });

  it('refuses a test of another metric', () => {
    const values = new Float64Array(3);
    expect(() => pairedMeanDifference(values, values, 'higher', { alpha, test: 'mcnemar' })).toThrow(
      '"mcnemar" is no test of a metric that a script writes',
    );
  });
});

describe("McNemar's test with Tango's interval", () => {
  it('ends where the score of the difference is z, at the shares that a search finds likeliest', () => {
    const z = 1.6448536269514722;
    for (const [gained, lost, rows] of [
      [0, 1, 44],
      [9, 2, 50],
      [30, 45, 400],
    ] as const) {
      for (const supposed of tangoInterval({ gained, lost, rows }, alpha)) {
        const likelihood = (share: number) => {
          const log = (count: number, of: number) => (count === 0 ? 0 : count * Math.log(of));
          const alike = 1 - 2 * share - supposed;
          return log(gained, share + supposed) + log(lost, share) + log(rows - gained - lost, alike);
        };
        let share = NaN;
        const steps = 50_000;
        for (let step = 1; step < steps; step++) {
          const tried = Math.max(0, -supposed) + (step / steps) * ((1 - Math.abs(supposed)) / 2);
          if (!(likelihood(tried) <= likelihood(share))) share = tried;
        }
        const variance = (2 * share + supposed - supposed ** 2) / rows;
        expect(Math.abs((gained - lost) / rows - supposed) / Math.sqrt(variance)).toBeCloseTo(z, 2);
      }
    }
  });

  it('leaves room for a difference where none of few rows differs', () => {
    const [low, high] = tangoInterval({ gained: 0, lost: 0, rows: 20 }, alpha);
    // z^2 / (n + z^2)
    expect(high).toBeCloseTo(2.705543 / 22.705543, 5);
    expect(low).toBeCloseTo(-high, 10);
  });

  it('counts the rows that one model alone gets right', () => {
    const { challenger, champion } = pairByAccuracy(500, 1, 0.1);
    const { gained, lost, rows } = discordantRows(challenger, champion);
    const found = pairedDifference(challenger, champion, 'accuracy', { alpha, test: 'mcnemar' });
    const bootstrap = pairedDifference(challenger, champion, 'accuracy', { alpha });
    expect(found?.difference).toBe((gained - lost) / rows);
    expect(found?.difference).toBeCloseTo(bootstrap?.difference as number, 12);
    expect(found?.low).toBeCloseTo(bootstrap?.low as number, 1);
  });
});
