import type { ComparisonTestChoice } from '../../config/gate-config';
import type { MetricName } from '../../config/metrics';
import type { Comparison } from '../../manifest/gate-report';
import { judgeDifference } from './judge-difference';
import { holm } from './multiple-tests';
import { pairedDifference, type PairedDifference } from './paired-difference';
import { pairByAccuracy, pairByMae, pairByRocAuc, type SimulatedPair } from './simulated-models.fixture';

jest.setTimeout(120_000);

/*
 * Whether the gate keeps what it promises, by models of which the true difference is known. Everything is seeded; the
 * bounds leave three standard errors of the simulation.
 */

const alpha = 0.05;

interface Setting {
  readonly metric: MetricName;
  readonly test: ComparisonTestChoice;
  /** What the test must turn out to be. */
  readonly taken: Comparison['test'];
  readonly pair: (rows: number, seed: number, drop: number) => SimulatedPair;
  readonly rows: number;
  readonly margin: number;
  readonly repetitions: number;
}

const settings: Setting[] = [
  {
    metric: 'roc-auc',
    test: 'auto',
    taken: 'delong',
    pair: pairByRocAuc,
    rows: 300,
    margin: 0.02,
    repetitions: 300,
  },
  {
    metric: 'accuracy',
    test: 'mcnemar',
    taken: 'mcnemar',
    pair: pairByAccuracy,
    rows: 300,
    margin: 0.03,
    repetitions: 300,
  },
  {
    metric: 'accuracy',
    test: 'auto',
    taken: 'bootstrap',
    pair: pairByAccuracy,
    rows: 150,
    margin: 0.07,
    repetitions: 100,
  },
  {
    metric: 'mae',
    test: 'auto',
    taken: 'bootstrap',
    pair: pairByMae,
    rows: 150,
    margin: 0.12,
    repetitions: 100,
  },
  {
    metric: 'mae',
    test: 'auto',
    taken: 'jackknife',
    pair: pairByMae,
    rows: 2_100,
    margin: 0.03,
    repetitions: 100,
  },
];

function compare({ metric, test, pair }: Setting, rows: number, seed: number, drop = 0): PairedDifference {
  const { challenger, champion } = pair(rows, seed, drop);
  return pairedDifference(challenger, champion, metric, { test, alpha, seed }) as PairedDifference;
}

function shareOf<Value>(
  repetitions: number,
  of: (seed: number) => Value,
  counts: (value: Value) => boolean,
): number {
  let count = 0;
  for (let seed = 1; seed <= repetitions; seed++) if (counts(of(seed))) count++;
  return count / repetitions;
}

/** What the first of the undecided pilots asks for. */
function rowsOfPilot(setting: Setting): number {
  for (let seed = 1; ; seed++) {
    const { margin, rows } = setting;
    const judged = judgeDifference(compare(setting, rows, seed), { margin, alpha });
    if (judged.verdict === 'inconclusive') return judged.rowsNeeded as number;
  }
}

const noise = (share: number, repetitions: number) => 3 * Math.sqrt((share * (1 - share)) / repetitions);

describe.each(settings)('a gate on $metric by $taken over $rows rows', (setting) => {
  const { rows, margin, repetitions, taken } = setting;

  it('calls a model that is as good as the champion worse no more often than alpha', () => {
    const judged = (seed: number) => {
      const difference = compare(setting, rows, seed);
      expect(difference.test).toBe(taken);
      return judgeDifference(difference, { margin: 0, alpha }).verdict;
    };
    const share = shareOf(repetitions, judged, (verdict) => verdict === 'worse');
    expect(share).toBeLessThanOrEqual(alpha + noise(alpha, repetitions));
    // A test that never says so would keep the promise as well.
    expect(share).toBeGreaterThan(0);
  });

  it('blocks a drop of twice the margin, and passes an equal model, at the rows that a pilot asked for', () => {
    const needed = rowsOfPilot(setting);
    expect(needed).toBeGreaterThan(rows);
    const few = taken === 'bootstrap' ? 40 : 100;
    const judged = (drop: number) => (seed: number) =>
      judgeDifference(compare(setting, needed, 1_000 + seed, drop), { margin, alpha }).verdict;
    expect(shareOf(few, judged(2 * margin), (verdict) => verdict === 'worse')).toBeGreaterThanOrEqual(0.9);
    const passes = (verdict: string) => verdict === 'non-inferior' || verdict === 'better';
    // Of 0.9, less what the pilot misjudges the spread by.
    expect(shareOf(few, judged(0), passes)).toBeGreaterThanOrEqual(0.88 - noise(0.9, few));
  });
});

describe('a gate on ten slices', () => {
  it('calls one of ten equal slices worse no more often than alpha, by Holm', () => {
    const families = 120;
    const alarms = { adjusted: 0, bare: 0 };
    const [setting] = settings as [Setting];
    for (let family = 1; family <= families; family++) {
      const slices = Array.from({ length: 10 }, (_, slice) => compare(setting, 150, family * 100 + slice));
      const adjusted = holm(slices.map(({ pWorse }) => pWorse));
      const isWorse = (difference: PairedDifference, adjustedPWorse?: number) =>
        judgeDifference(difference, {
          margin: 0,
          alpha,
          ...(adjustedPWorse === undefined ? {} : { adjustedPWorse }),
        }).verdict === 'worse';
      if (slices.some((slice, at) => isWorse(slice, adjusted[at] as number))) alarms.adjusted++;
      if (slices.some((slice) => isWorse(slice))) alarms.bare++;
    }
    expect(alarms.adjusted / families).toBeLessThanOrEqual(alpha + noise(alpha, families));
    // Unadjusted it would be 1 - 0.95^10, two families of five.
    expect(alarms.bare / families).toBeGreaterThan(0.25);
  });
});
