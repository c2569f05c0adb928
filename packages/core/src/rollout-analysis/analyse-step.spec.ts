import type { AnalysisPlan, Experiment } from '../registry/rollout/plan';
import { analyseStep, type StepTraffic } from './analyse-step';
import type { AnalysisCheckName } from './analysis-check';
import { counters, emptyHistogram, latencyBounds, yesOrNo } from './simulated-traffic.fixture';
import type { TrafficCounters } from './traffic-record';
import type { TrafficWindow, VersionTraffic } from './traffic-window';

const analysis: AnalysisPlan = {
  errorRateIncrease: 0.01,
  p99: { factor: 1.25 },
  drift: { warn: 0.1, fail: 0.2 },
  onInconclusive: 'hold',
};
const [champion, candidate] = [{ version: 3 }, { version: 4 }];

function windowOf(
  own: VersionTraffic | undefined,
  other: VersionTraffic | undefined,
  minutes = 10,
): TrafficWindow {
  const until = new Date(Date.parse('2026-11-05T12:00:00Z') + minutes * 60_000).toISOString();
  const versions = new Map([
    ...(own === undefined ? [] : [[4, own] as const]),
    ...(other === undefined ? [] : [[3, other] as const]),
  ]);
  return { model: 'churn', environment: 'production', since: '2026-11-05T12:00:00.000Z', until, versions };
}

const weight = (percent: number, requests = 300, seconds = 0) =>
  ({ kind: 'weight', weight: percent, requests, seconds }) as const;

function analyse(
  own: TrafficCounters | undefined,
  other: TrafficCounters | undefined,
  of: Partial<StepTraffic> = {},
) {
  const role = of.step?.kind === 'shadow' ? 'shadow' : 'live';
  return analyseStep({
    step: weight(50),
    plan: { analysis },
    window: windowOf(own && { [role]: own }, other && { live: other }),
    candidate,
    champion,
    ...of,
  });
}

const named = (result: ReturnType<typeof analyse>, name: AnalysisCheckName) =>
  result.checks.find((check) => check.name === name);

/** All within 5 to 10 ms but for so many above 100 ms. */
function timed(requests: number, slow: number): Partial<TrafficCounters> {
  const latency = emptyHistogram(latencyBounds);
  latency.counts[4] = requests - slow;
  latency.counts[8] = slow;
  return { latency };
}

describe('a step of a share of traffic', () => {
  it('passes with equal versions and says what was seen', () => {
    const result = analyse(counters(400, { errors: 1 }), counters(400, { errors: 1 }));
    expect(result).toMatchObject({
      verdict: 'pass',
      summary: '400 requests: errors 0.25 % against 0.25 %, p99 9.95 ms against 9.95 ms',
    });
    expect(result.checks.map(({ name }) => name)).toEqual([
      'sample-ratio',
      'traffic',
      'error-rate',
      'latency-p99',
    ]);
  });

  it.each<[string, TrafficCounters | undefined, TrafficCounters | undefined, Partial<StepTraffic>, string]>([
    ['nothing of the candidate', undefined, counters(400), {}, 'the candidate answered no request'],
    ['a request too few', counters(299), counters(300), {}, '299 of 300 requests'],
    ['too short a time', counters(400), counters(400), { step: weight(50, 300, 601) }, '600 of 601 s'],
    ['no champion', counters(400), undefined, {}, 'nothing to compare with'],
    [
      'a champion not named',
      counters(400),
      counters(400),
      { champion: undefined },
      'nothing to compare with',
    ],
    ['few of the champion', counters(400), counters(20), { step: weight(95) }, 'fewer than 100'],
    [
      'more errors that may be chance',
      counters(300, { errors: 5 }),
      counters(300),
      {},
      'chance could have done it',
    ],
  ])('%s: inconclusive, never a pass', (_, own, other, of, because) => {
    const result = analyse(own, other, of);
    expect(result.verdict).toBe('inconclusive');
    expect(result.summary).toContain(because);
  });

  it('fails by plain errors long before it has its requests', () => {
    const result = analyse(counters(40, { errors: 20 }), counters(40));
    expect(result).toMatchObject({ verdict: 'fail' });
    expect(result.summary).toContain('error-rate: 50.00 % failed against 0.00 %: +50.00 pp, at least');
  });

  it('one error against none is no reason to fail', () => {
    for (const requests of [1, 5, 15, 60]) {
      const result = analyse(counters(requests, { errors: 1 }), counters(19 * requests), { step: weight(5) });
      expect(named(result, 'error-rate')?.verdict).toBe('inconclusive');
    }
  });

  it('the bounds of the difference agree with the verdict', () => {
    for (let errors = 0; errors <= 60; errors++) {
      const check = named(analyse(counters(300, { errors }), counters(300, { errors: 3 })), 'error-rate');
      expect(check?.verdict === 'fail').toBe((check?.interval?.low as number) >= 0.01);
    }
  });

  describe('whose shares are not as planned', () => {
    it('is inconclusive before anything else is read, however bad', () => {
      const result = analyse(counters(300, { errors: 200 }), counters(500));
      expect(result).toMatchObject({ verdict: 'inconclusive', checks: [{ name: 'sample-ratio' }] });
      expect(result.summary).toContain('37.50 % of 800 requests, not 50.00 %');
    });

    it('counts subjects where they are given', () => {
      const many = analyse(counters(300, { subjects: 100 }), counters(500, { subjects: 100 }));
      expect(many.verdict).toBe('pass');
      const few = analyse(counters(400, { subjects: 60 }), counters(400, { subjects: 140 }));
      expect(few.summary).toContain('200 subjects');
    });

    // χ² = (250-200)²/200 + (150-200)²/200 = 25; and 10.5 and 11.1 on the two sides of p = 0.001, χ² = 10.83.
    it.each([
      [250, 150, 'inconclusive'],
      [232, 167, 'pass'],
      [233, 166, 'inconclusive'],
    ] as const)('%i against %i at one half: %s', (own, other, verdict) => {
      const result = analyse(counters(own), counters(other), { step: weight(50, 100) });
      expect(named(result, 'sample-ratio')?.verdict).toBe(verdict);
    });
  });
});

describe('p99', () => {
  it.each<[string, number, number, Partial<AnalysisPlan['p99']>, string]>([
    ['as slow as the champion', 3, 3, {}, 'pass'],
    ['one more slow answer, which is chance', 4, 3, {}, 'inconclusive'],
    ['a tenth slow', 30, 3, {}, 'fail'],
    ['slow, but within the milliseconds that are allowed', 30, 3, { maxMilliseconds: 250 }, 'pass'],
    ['slow beyond them', 30, 3, { maxMilliseconds: 50 }, 'fail'],
  ])('%s', (_, own, other, p99, verdict) => {
    const plan = { analysis: { ...analysis, p99: { ...analysis.p99, ...p99 } } };
    const result = analyse(counters(300, timed(300, own)), counters(300, timed(300, other)), { plan });
    expect(named(result, 'latency-p99')?.verdict).toBe(verdict);
  });

  it('within the milliseconds allowed passes without a champion too; beyond, its need is not known', () => {
    const plan = (maxMilliseconds: number) => ({
      analysis: { ...analysis, p99: { factor: 1.25, maxMilliseconds } },
    });
    const own = counters(300, timed(300, 30));
    expect(named(analyse(own, undefined, { plan: plan(250) }), 'latency-p99')?.verdict).toBe('pass');
    expect(named(analyse(own, undefined, { plan: plan(50) }), 'latency-p99')?.verdict).toBe('inconclusive');
  });

  it('beyond the last bucket of both nothing can be said', () => {
    const latency = { bounds: [0.1], counts: [200, 100] };
    const result = analyse(counters(300, { latency }), counters(300, { latency }));
    expect(named(result, 'latency-p99')?.verdict).toBe('inconclusive');
  });
});

describe('drift', () => {
  const scores = (...counts: number[]) => ({ scores: { bounds: [0.25, 0.5, 0.75], counts } });

  it.each([
    ['equal', scores(75, 75, 75, 75), 'pass', undefined],
    ['turned over', scores(10, 20, 70, 200), 'fail', undefined],
    ['somewhat moved, of enough requests', scores(5000, 10000, 12500, 12500), 'pass', true],
  ] as const)('%s', (_, own, verdict, warning) => {
    const requests = own.scores.counts.reduce((a, b) => a + b, 0);
    const other = { scores: { bounds: own.scores.bounds, counts: new Array<number>(4).fill(requests / 4) } };
    const check = named(analyse(counters(requests, own), counters(requests, other)), 'drift');
    expect(check?.verdict).toBe(verdict);
    expect(check?.warning).toBe(warning);
  });

  it('a class that the champion never names counts', () => {
    const own = counters(300, { classes: { yes: 100, no: 100, maybe: 100 } });
    const check = named(analyse(own, counters(300, { classes: { yes: 150, no: 150 } })), 'drift');
    expect(check?.verdict).toBe('fail');
  });

  it('is not judged when no predictions are counted, and inconclusive when those of one are', () => {
    expect(named(analyse(counters(300), counters(300)), 'drift')).toBeUndefined();
    const one = analyse(counters(300, scores(75, 75, 75, 75)), counters(300));
    expect(named(one, 'drift')?.verdict).toBe('inconclusive');
  });
});

describe('a labelled metric', () => {
  const metric = { name: 'right', margin: 0.02, direction: 'higher' } as const;
  const run = (n: number, own: number, other: number, direction: 'higher' | 'lower' = 'higher') => {
    const counted = (yes: number) => counters(n, { outcomes: { right: yesOrNo(n, yes) } });
    return named(
      analyse(counted(own), counted(other), {
        plan: { analysis: { ...analysis, metric: { ...metric, direction } } },
      }),
      'metric',
    );
  };

  it.each([
    [10_000, 9000, 9000, 'higher', 'pass'],
    [10_000, 8500, 9000, 'higher', 'fail'],
    [10_000, 9500, 9000, 'lower', 'fail'],
    [10_000, 8500, 9000, 'lower', 'pass'],
    [300, 270, 270, 'higher', 'inconclusive'],
    [99, 0, 99, 'higher', 'inconclusive'],
    [300, 300, 300, 'higher', 'inconclusive'],
  ] as const)('%i of each, %i against %i, %s is better: %s', (n, own, other, direction, verdict) => {
    expect(run(n, own, other, direction)?.verdict).toBe(verdict);
  });

  it('holds the step while no labels have come', () => {
    const plan = { analysis: { ...analysis, metric } };
    expect(analyse(counters(400), counters(400), { plan }).verdict).toBe('inconclusive');
  });
});

describe('an experiment', () => {
  const experiment: Experiment = {
    metric: 'bought',
    direction: 'higher',
    minimumEffect: 0.02,
    alpha: 0.05,
    power: 0.8,
    plannedSample: 3773,
  };
  const run = (n: number, own: number, other: number, of: Partial<TrafficCounters> = {}) =>
    analyse(
      counters(n, { outcomes: { bought: yesOrNo(n, own) }, ...of }),
      counters(n, { outcomes: { bought: yesOrNo(n, other) } }),
      { plan: { analysis, experiment } },
    );

  it.each([
    ['better beyond doubt', 2000, 300, 150, 'pass', undefined],
    ['worse beyond doubt', 2000, 150, 300, 'fail', undefined],
    ['on its way', 2000, 210, 200, 'inconclusive', undefined],
    ['better at its end', 3773, 440, 377, 'pass', undefined],
    ['over without a difference', 3773, 385, 377, 'inconclusive', true],
  ] as const)('%s', (_, n, own, other, verdict, isOver) => {
    const result = run(n, own, other);
    expect(result.verdict).toBe(verdict);
    expect(result.isOver).toBe(isOver);
  });

  it('what would be enough at the end is not before', () => {
    expect(run(3772, 440, 377).verdict).toBe('inconclusive');
  });

  it('a candidate that fails its requests fails, its experiment over or not', () => {
    const result = run(3773, 385, 377, { errors: 1000 });
    expect(result.verdict).toBe('fail');
    expect(result.isOver).toBeUndefined();
  });
});

describe('a shadow step', () => {
  const step = { kind: 'shadow', share: 100, requests: 300, seconds: 0 } as const;
  const shadow = (agreeing: number) => ({
    shadow: {
      compared: 400,
      agreeing,
      dropped: 5,
      scoreDifferences: { bounds: [0.1, 1], counts: [390, 10, 0] },
    },
  });

  it('reads what the candidate answered in the shadow, and tells how far it agrees', () => {
    const result = analyse(counters(400, shadow(396)), counters(400), { step });
    expect(result.verdict).toBe('pass');
    expect(named(result, 'agreement')).toMatchObject({ observed: 0.99 });
    expect(named(result, 'agreement')?.warning).toBeUndefined();
    expect(named(result, 'agreement')?.because).toContain('5 not copied');
  });

  it('warns of low agreement and does not fail by it', () => {
    const result = analyse(counters(400, shadow(300)), counters(400), { step });
    expect(result.verdict).toBe('pass');
    expect(result.summary).toContain(
      'warning, agreement: 400 requests compared, 75.00 % with the same label',
    );
  });

  it('fails by errors in the shadow', () => {
    expect(analyse(counters(400, { errors: 200 }), counters(400), { step }).verdict).toBe('fail');
  });
});

describe('a soak', () => {
  const step = { kind: 'soak', seconds: 60 } as const;
  const moved = (own: number[]) => ({ scores: { bounds: [0.25, 0.5, 0.75], counts: own } });
  const before = windowOf(undefined, { live: counters(1000, moved([250, 250, 250, 250])) });

  it('compares with what the champion did before, as far as that goes', () => {
    expect(analyse(counters(400), undefined, { step, before }).verdict).toBe('inconclusive');
    const sound = analyse(counters(400, moved([100, 100, 100, 100])), undefined, { step, before });
    expect(sound.verdict).toBe('pass');
    expect(analyse(counters(400, { errors: 200 }), undefined, { step, before }).verdict).toBe('fail');
  });

  it('other predictions than before are a warning, for the hour may be another', () => {
    const result = analyse(counters(400, moved([0, 0, 0, 400])), undefined, { step, before });
    expect(result.verdict).toBe('pass');
    expect(named(result, 'drift')?.warning).toBe(true);
  });

  it('without that nothing is compared', () => {
    expect(analyse(counters(400), undefined, { step }).verdict).toBe('inconclusive');
  });
});

it('a plan without analysis is a mistake of the caller', () => {
  expect(() => analyse(counters(1), counters(1), { plan: {} })).toThrow(RangeError);
});
