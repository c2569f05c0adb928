import { plannedSample } from '../statistics/planned-sample';
import { randomSource } from '../statistics/distributions/random-source';
import { splitAlpha } from '../statistics/sequential/split-alpha';
import type { AnalysisCheck } from './analysis-check';
import { checkDrift } from './checks/drift';
import { checkErrorRate } from './checks/error-rate';
import { checkExperiment } from './checks/experiment';
import { checkLatency } from './checks/latency';
import { checkSampleRatio } from './checks/sample-ratio';
import { plannedInformation, type Comparison } from './comparison';
import {
  binomialSource,
  counters,
  emptyHistogram,
  latencyBounds,
  normalSource,
  observe,
  yesOrNo,
} from './simulated-traffic.fixture';
import type { TrafficCounters } from './traffic-record';
import { showsIncrease } from './shows-increase';

jest.setTimeout(120_000);

/** A step of 300 requests of the candidate, looked at after every 15 of them, on to four times as many. */
const LOOKS = 80;
const BATCH = 15;
const IN_STEP = 20;

function stepOf(weight: number) {
  const planned = plannedInformation({ kind: 'weight', weight, requests: 300, seconds: 0 });
  return { planned, reference: '', others: Math.round((BATCH * (100 - weight)) / weight) };
}

/** How a run of looks ends: at the first failure, or at the first pass with the step's requests. */
function endOf(judge: (look: number) => AnalysisCheck | undefined, looks = LOOKS): 'fail' | 'pass' | 'open' {
  for (let look = 1; look <= looks; look++) {
    const verdict = judge(look)?.verdict;
    if (verdict === 'fail') return 'fail';
    if (verdict === 'pass' && look * BATCH >= 300) return 'pass';
  }
  return 'open';
}

/** Whether it fails at any look, passes not ending it: what a step that others hold comes to. */
function everFails(judge: (look: number) => AnalysisCheck | undefined, looks = LOOKS): boolean {
  for (let look = 1; look <= looks; look++) if (judge(look)?.verdict === 'fail') return true;
  return false;
}

function share(runs: number, happens: (run: number) => boolean): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (happens(run)) count++;
  return count / runs;
}

describe('error rate', () => {
  /** Requests and errors of both versions, look by look. */
  function errorRuns(weight: number, own: number, other: number, seed: number) {
    const random = randomSource(seed);
    const { others, ...step } = stepOf(weight);
    const candidate = binomialSource(BATCH, own, random);
    const champion = binomialSource(others, other, random);
    return () => {
      let [a, b] = [0, 0];
      return (look: number) => {
        a += candidate();
        b += champion();
        return {
          candidate: counters(look * BATCH, { errors: a }),
          champion: counters(look * others, { errors: b }),
          ...step,
        };
      };
    };
  }

  function verdictRuns(weight: number, own: number, other: number, seed: number) {
    const runs = errorRuns(weight, own, other, seed);
    return () => {
      const next = runs();
      return (look: number) => checkErrorRate(next(look), 0.01);
    };
  }

  // The hardest cases: just as bad as allowed, so that any look that sees more than chance is wrong.
  it.each([
    [5, 0.002, 0],
    [5, 0.01, 0],
    [5, 0.05, 0],
    [50, 0.002, 0],
    [50, 0.01, 0],
    [50, 0.1, 0],
    [95, 0.01, 0],
    [5, 0.002, 0.01],
    [25, 0.01, 0.01],
    [50, 0.05, 0.01],
  ])(
    'weight %i, errors %d, difference = allowed = %d: no more false alarms than alpha over 80 looks',
    (weight, rate, allowed) => {
      const runs = errorRuns(weight, rate + allowed, rate, 7);
      const alarms = share(1000, () => {
        const next = runs();
        for (let look = 1; look <= LOOKS; look++) {
          const { candidate, champion, planned } = next(look);
          const own = { successes: candidate.errors, trials: candidate.requests };
          const other = { successes: champion.errors, trials: champion.requests };
          if (showsIncrease(own, other, allowed, planned)) return true;
        }
        return false;
      });
      expect(alarms).toBeLessThan(0.05);
    },
  );

  it.each([[5], [25], [50]])(
    'weight %i: equal versions pass, and few wait for more than their requests',
    (weight) => {
      const run = verdictRuns(weight, 0.01, 0.01, 8);
      const ends = Array.from({ length: 200 }, () => endOf(run(), IN_STEP));
      const atOnce = ends.filter((end) => end === 'pass').length / 200;
      expect(ends).not.toContain('fail');
      expect(atOnce).toBeGreaterThan(0.8);
    },
  );

  it.each([[5], [50]])('weight %i: 5 pp more errors are caught', (weight) => {
    const run = verdictRuns(weight, 0.06, 0.01, 9);
    const early = share(200, () => endOf(run(), IN_STEP) === 'fail');
    const ends = Array.from({ length: 200 }, () => endOf(run()));
    const caught = ends.filter((end) => end === 'fail').length / 200;
    // The others are held and fail as more requests come, but for 0.4 % whose errors look allowed with 300 requests.
    expect(early).toBeGreaterThan(0.6);
    expect(caught).toBeGreaterThan(0.95);
    expect(ends.filter((end) => end === 'pass').length / 200).toBeLessThan(0.02);
  });
});

describe('p99', () => {
  function latencyRuns(weight: number, slower: number, factor: number, seed: number) {
    const random = randomSource(seed);
    const normal = normalSource(random);
    const { others, ...step } = stepOf(weight);
    const draw = (latency: TrafficCounters['latency'], n: number, scale: number) => {
      for (let i = 0; i < n; i++) observe(latency, 0.01 * scale * Math.exp(0.5 * normal()));
    };
    return () => {
      const own = emptyHistogram(latencyBounds);
      const other = emptyHistogram(latencyBounds);
      return (look: number) => {
        draw(own, BATCH, slower);
        draw(other, others, 1);
        const comparison: Comparison = {
          candidate: counters(look * BATCH, { latency: own }),
          champion: counters(look * others, { latency: other }),
          ...step,
        };
        return checkLatency(comparison, { factor });
      };
    };
  }

  it.each([[25], [50]])(
    'weight %i: an equal version raises no more false alarms than alpha, at a factor of 1',
    (weight) => {
      const run = latencyRuns(weight, 1, 1, 17);
      const alarms = share(200, () => everFails(run()));
      expect(alarms).toBeLessThan(0.05);
    },
  );

  it.each([[25], [50]])(
    'weight %i: an equal version passes with its requests, one twice as slow does not',
    (weight) => {
      const equal = latencyRuns(weight, 1, 1.25, 18);
      const slow = latencyRuns(weight, 2, 1.25, 19);
      const atOnce = share(300, () => endOf(equal(), IN_STEP) === 'pass');
      const caught = share(300, () => endOf(slow()) === 'fail');
      expect(atOnce).toBeGreaterThan(0.8);
      expect(caught).toBeGreaterThan(0.9);
    },
  );
});

describe('drift', () => {
  const bounds = [-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28];

  function driftRuns(weight: number, shift: number, bins: readonly number[], seed: number) {
    const random = randomSource(seed);
    const normal = normalSource(random);
    const { others, ...step } = stepOf(weight);
    return () => {
      const own = emptyHistogram(bins);
      const other = emptyHistogram(bins);
      return (look: number, limits = { warn: 0.1, fail: 0.2 }) => {
        for (let i = 0; i < BATCH; i++) observe(own, normal() + shift);
        for (let i = 0; i < others; i++) observe(other, normal());
        const comparison: Comparison = {
          candidate: counters(look * BATCH, { scores: own }),
          champion: counters(look * others, { scores: other }),
          ...step,
        };
        return checkDrift(comparison, limits, true);
      };
    };
  }

  it.each([
    [50, 'ten bins', bounds],
    [25, 'two bins', [0]],
    [50, 'a rare bin', [2]],
  ] as const)(
    'weight %i, %s: equal predictions are told from noise at any look in few cases',
    (weight, _, bins) => {
      const run = driftRuns(weight, 0, bins, 27);
      // With thresholds next to nothing every alarm is noise.
      const alarms = share(200, () => {
        const judge = run();
        return everFails((look) => judge(look, { warn: 1e-9, fail: 1e-9 }));
      });
      expect(alarms).toBeLessThan(0.02);
    },
  );

  it('equal predictions pass with their requests, those a standard deviation off fail', () => {
    const equal = driftRuns(50, 0, bounds, 28);
    const shifted = driftRuns(50, 1, bounds, 29);
    expect(share(300, () => endOf(equal(), IN_STEP) === 'pass')).toBeGreaterThan(0.97);
    const early = share(300, () => endOf(shifted(), IN_STEP) === 'fail');
    expect(early).toBeGreaterThan(0.9);
  });
});

describe('experiment', () => {
  function experimentRuns(
    of: { own: number; other: number; batch: number; sample: number; effect: number },
    seed: number,
  ) {
    const random = randomSource(seed);
    const candidate = binomialSource(of.batch, of.own, random);
    const champion = binomialSource(of.batch, of.other, random);
    const experiment = {
      metric: 'bought',
      direction: 'higher',
      minimumEffect: of.effect,
      alpha: 0.05,
      power: 0.8,
      plannedSample: of.sample,
    } as const;
    /** Until it is decided, one way or the other. */
    return () => {
      let [a, b] = [0, 0];
      for (let look = 1; ; look++) {
        a += candidate();
        b += champion();
        const n = look * of.batch;
        const { check, isOver } = checkExperiment(
          {
            candidate: counters(n, { outcomes: { bought: yesOrNo(n, a) } }),
            champion: counters(n, { outcomes: { bought: yesOrNo(n, b) } }),
            planned: 150,
            reference: '',
          },
          experiment,
        );
        if (isOver || check.verdict !== 'inconclusive' || look === 100) return { verdict: check.verdict, n };
      }
    };
  }

  it.each([
    ['10 %, on the way only', { own: 0.1, other: 0.1, batch: 200, sample: 1e9, effect: 0.02 }, 0.01],
    ['10 %, with its end', { own: 0.1, other: 0.1, batch: 200, sample: 4000, effect: 0.02 }, 0.05],
    ['1 %, with its end', { own: 0.01, other: 0.01, batch: 100, sample: 5000, effect: 0.006 }, 0.05],
  ])('no difference at %s: decided no more often than alpha over 100 looks', (_, of, alpha) => {
    const run = experimentRuns(of, 37);
    const decided = share(1000, () => run().verdict !== 'inconclusive');
    // Two standard errors of the simulation.
    expect(decided).toBeLessThan(alpha + 2 * Math.sqrt((alpha * (1 - alpha)) / 1000));
  });

  it('the planned sample sees the minimum effect as often as it promises', () => {
    const sample = plannedSample({
      standardDeviation: 0.3,
      minimumEffect: 0.02,
      alpha: splitAlpha(0.05).final,
      power: 0.8,
    });
    // 9 % to 11 %, so that both arms have about the standard deviation that was planned with.
    const run = experimentRuns(
      { own: 0.11, other: 0.09, batch: Math.ceil(sample / 20), sample, effect: 0.02 },
      38,
    );
    const ends = Array.from({ length: 1000 }, run);
    const wins = ends.filter(({ verdict }) => verdict === 'pass');
    const mean = ends.reduce((sum, { n }) => sum + n, 0) / ends.length;
    expect(wins.length / 1000).toBeGreaterThan(0.775);
    expect(ends.filter(({ verdict }) => verdict === 'fail').length).toBeLessThan(5);
    expect(mean).toBeLessThan(sample);
  });
});

it('a sound share of traffic is seldom called wrong over 100 looks, a broken one soon is', () => {
  const random = randomSource(47);
  const runs = (rate: number) => {
    const arrivals = binomialSource(40, rate, random);
    return () => {
      let [a, n] = [0, 0];
      for (let look = 1; look <= 100; look++) {
        a += arrivals();
        n += 40;
        if (checkSampleRatio(counters(a), counters(n - a), 0.25)?.verdict === 'inconclusive') return true;
      }
      return false;
    };
  };
  const sound = share(1000, runs(0.25));
  const broken = share(200, runs(0.2));
  expect(sound).toBeLessThan(0.03);
  expect(broken).toBeGreaterThan(0.9);
});
