import { gateReportSchema, type Evaluation, type GateConfig, type GateReport } from '@nx-mlops/core';
import fc from 'fast-check';
import { baseline, digest, evaluation, gate, slice } from './gate.fixture';
import { judgeGates } from './judge-gates';
import type { JudgedBaseline, JudgedModel } from './judged-model';

function judge(
  gates: readonly GateConfig[],
  model: Partial<JudgedModel> = {},
  baselines: readonly JudgedBaseline[] = [],
): GateReport {
  const report = judgeGates({
    evaluation: evaluation(),
    ...model,
    gates,
    baselines,
    evaluationSha256: digest,
  });
  expect(gateReportSchema.parse(report)).toEqual(report);
  return report;
}

describe('a limit over all rows', () => {
  it.each([
    ['the whole interval within', { metric: 'roc-auc', min: 0.6 }, 'pass'],
    ['the interval ending at the limit', { metric: 'roc-auc', min: 0.62 }, 'pass'],
    ['the interval reaching beyond', { metric: 'roc-auc', min: 0.63 }, 'inconclusive'],
    ['the value at the limit', { metric: 'roc-auc', min: 0.65 }, 'inconclusive'],
    ['the value beyond', { metric: 'roc-auc', min: 0.66 }, 'fail'],
    ['the value beyond, the whole interval too', { metric: 'roc-auc', min: 0.7 }, 'fail'],
    ['a maximum that holds', { metric: 'log-loss', max: 0.53 }, 'pass'],
    ['a maximum in reach', { metric: 'log-loss', max: 0.51 }, 'inconclusive'],
    ['a maximum broken', { metric: 'log-loss', max: 0.49 }, 'fail'],
    ['both limits', { metric: 'roc-auc', min: 0.6, max: 0.7 }, 'pass'],
    ['both limits, one in reach', { metric: 'roc-auc', min: 0.6, max: 0.67 }, 'inconclusive'],
    ['not defined', { metric: 'f1', min: 0 }, 'fail'],
    ['not measured', { metric: 'brier', max: 1 }, 'fail'],
    ['size of the file', { metric: 'model-size', max: 2_000_000 }, 'pass'],
    ['size of the file beyond', { metric: 'model-size', max: 1_999_999 }, 'fail'],
    ['a time that was not measured', { metric: 'latency-p95', max: 10 }, 'fail'],
  ] as const)('%s', (_what, config, verdict) => {
    expect(judge([gate(config)]).gates.map((each) => each.verdict)).toEqual([verdict]);
  });

  it('without an interval goes by the value alone', () => {
    const exact = { evaluation: evaluation({ intervals: {} }) };
    expect(judge([gate({ metric: 'roc-auc', min: 0.65 })], exact).verdict).toBe('pass');
    expect(judge([gate({ metric: 'roc-auc', min: 0.651 })], exact).verdict).toBe('fail');
  });

  it('takes performance from its own file', () => {
    const performance = {
      version: 1,
      modelSha256: 'm'.repeat(64),
      metrics: { 'latency-p95': 12, throughput: null },
      measuredOn: 'here',
    } as const;
    const { gates } = judge(
      [gate({ metric: 'latency-p95', max: 10 }), gate({ metric: 'throughput', min: 10 })],
      { performance },
    );
    expect(gates.map(({ verdict }) => verdict)).toEqual(['fail', 'fail']);
    expect(gates[0]?.because).toBe('Latency p95 is 12 ms, 2 ms above the maximum of 10 ms.');
    expect(gates[1]?.because).toMatch(/^Throughput was not measured/);
  });

  it('takes a metric of a script with the interval that the script gave', () => {
    const model = {
      evaluation: evaluation({
        metrics: { profit: 120 },
        intervals: { profit: { low: 90, high: 150, method: 'script' } },
        directions: { profit: 'higher' },
      }),
    };
    expect(judge([gate({ metric: 'profit', min: 100 })], model).verdict).toBe('inconclusive');
    expect(judge([gate({ metric: 'profit', min: 90 })], model).verdict).toBe('pass');
  });

  it.each([
    [
      { metric: 'roc-auc', min: 0.7 },
      'ROC AUC is 0.65, 0.05 below the minimum of 0.7 (95 % interval 0.62 to 0.68).',
    ],
    [
      { metric: 'roc-auc', min: 0.64 },
      'ROC AUC is 0.65, within the minimum of 0.64, but its 95 % interval 0.62 to 0.68 reaches beyond. About 9,000 test rows would decide it, or another limit.',
    ],
    [{ metric: 'log-loss', max: 0.6 }, 'Log loss is 0.5, 95 % interval 0.47 to 0.53.'],
    [
      { metric: 'f1', min: 0.5 },
      'F1 is not defined on these rows, as when all are of one class, so the gate cannot be passed.',
    ],
  ] as const)('says why: %j', (config, because) => {
    expect(judge([gate(config)]).gates[0]?.because).toBe(because);
  });

  it('tells value and limit apart in words even when they round to the same', () => {
    const model = { evaluation: evaluation({ metrics: { 'roc-auc': 0.59999 }, intervals: {} }) };
    expect(judge([gate({ metric: 'roc-auc', min: 0.6 })], model).gates[0]?.because).toMatch(
      /^ROC AUC is 0\.59999, .* below the minimum of 0\.6\.$/,
    );
  });
});

describe('a limit on the values of a slice', () => {
  const interval = (low: number, high: number) => ({ 'roc-auc': { low, high, method: 'delong' as const } });
  const slices = [
    slice('JFK', 500, { 'roc-auc': 0.7 }, interval(0.65, 0.75)),
    slice('L|X', 450, { 'roc-auc': 0.5 }, interval(0.46, 0.54)),
    slice('BUF', 60, { 'roc-auc': 0.55 }, interval(0.4, 0.7)),
    slice(null, 49, { 'roc-auc': 0.2 }, interval(0.1, 0.3)),
    slice('ONE', 60, { 'roc-auc': null }),
  ];
  const model = { evaluation: evaluation({ slices }) };
  const verdicts = (report: GateReport) => report.gates.map(({ name, verdict }) => [name, verdict]);

  it('fails where the value is beyond and that is no noise, skips where the rows are too few', () => {
    const report = judge([gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' })], model);
    expect(verdicts(report)).toEqual([
      ['roc-auc >= 0.6 on origin=JFK', 'pass'],
      ['roc-auc >= 0.6 on origin=L|X', 'fail'],
      ['roc-auc >= 0.6 on origin=BUF', 'inconclusive'],
      ['roc-auc >= 0.6 on origin=(missing)', 'skipped'],
      ['roc-auc >= 0.6 on origin=ONE', 'fail'],
    ]);
    expect(report.gates[1]?.because).toBe(
      'ROC AUC is 0.5, 0.1 below the minimum of 0.6 (95 % interval 0.46 to 0.54). On 450 rows this is no noise: p < 0.001, adjusted for 3 slices.',
    );
    expect(report.gates[2]?.because).toBe(
      'ROC AUC is 0.55, 0.05 below the minimum of 0.6 (95 % interval 0.4 to 0.7), but on 60 rows noise could have done it: p 0.51, adjusted for 3 slices. More rows would decide it, or another limit.',
    );
    expect(report.gates[3]?.because).toBe('49 rows, fewer than the 50 that a judgement needs (minRows).');
  });

  it('judges one value where it is named, and finds that which was meant where there is none', () => {
    const one = judge([gate({ metric: 'roc-auc', min: 0.6, slice: 'origin=BUF' })], model);
    expect(verdicts(one)).toEqual([['roc-auc >= 0.6 on origin=BUF', 'inconclusive']]);
    expect(one.gates[0]?.because).not.toContain('adjusted');
    const none = judge([gate({ metric: 'roc-auc', min: 0.6, slice: 'origin=JFJ' })], model);
    expect(verdicts(none)).toEqual([['roc-auc >= 0.6 on origin=JFJ', 'fail']]);
    expect(none.gates[0]?.because).toContain('Did you mean "JFK"?');
  });

  it('knows missing values by name, and columns that have a "=" in theirs', () => {
    const missing = judge(
      [gate({ metric: 'roc-auc', min: 0, slice: 'origin=(missing)', minRows: 1 })],
      model,
    );
    expect(verdicts(missing)).toEqual([['roc-auc >= 0 on origin=(missing)', 'pass']]);
    const odd = slices.map((each) => ({ ...each, column: 'a=b' }));
    const report = judge([gate({ metric: 'roc-auc', min: 0, slice: 'a=b', minRows: 400 })], {
      evaluation: evaluation({ slices: odd }),
    });
    expect(report.gates).toHaveLength(5);
  });

  it('fails where the evaluation has no such slices, and never judges automatic ones', () => {
    const automatic = slices.map((each) => ({ ...each, kind: 'automatic' as const }));
    for (const some of [[], automatic]) {
      const report = judge([gate({ metric: 'roc-auc', min: 0, slice: 'origin' })], {
        evaluation: evaluation({ slices: some }),
      });
      expect(verdicts(report)).toEqual([['roc-auc >= 0 on origin', 'fail']]);
    }
  });

  it('takes a value without an interval as it is', () => {
    const exact = { evaluation: evaluation({ slices: [slice('JFK', 100, { 'roc-auc': 0.59 })] }) };
    const { gates } = judge([gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' })], exact);
    expect(gates[0]?.verdict).toBe('fail');
    expect(gates[0]?.because).toMatch(/no confidence interval, so it is taken as it is/);
  });

  it('forgives among many slices what it would not of one', () => {
    // One-sided p of about 0.02 each.
    const bad = (value: string) => slice(value, 100, { 'roc-auc': 0.55 }, interval(0.502, 0.598));
    const fine = (value: string) => slice(value, 100, { 'roc-auc': 0.7 }, interval(0.65, 0.75));
    const config = gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' });
    const alone = judge([config], { evaluation: evaluation({ slices: [bad('a')] }) });
    expect(alone.gates[0]?.verdict).toBe('fail');
    const among = judge([config], { evaluation: evaluation({ slices: [bad('a'), fine('b'), fine('c')] }) });
    expect(among.gates.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'pass', 'pass']);
  });

  it('gives the same verdicts in any order of the slices', () => {
    const values = fc.uniqueArray(
      fc.record({
        value: fc.string({ minLength: 1, maxLength: 4 }),
        rows: fc.integer({ min: 20, max: 200 }),
        metric: fc.double({ min: 0.3, max: 0.9, noNaN: true }),
        width: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
      }),
      { selector: ({ value }) => value, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(values, fc.integer(), (drawn, turn) => {
        const all = drawn.map(({ value, rows, metric, width }) =>
          slice(value, rows, { 'roc-auc': metric }, interval(metric - width, metric + width)),
        );
        const at = Math.abs(turn) % all.length;
        const turned = [...all.slice(at), ...all.slice(0, at)].reverse();
        const config = [
          gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' }),
          gate({ metric: 'roc-auc', maxGap: 0.05, slice: 'origin' }),
        ];
        const sorted = (some: Evaluation['slices']) =>
          judge(config, { evaluation: evaluation({ slices: some }) }).gates.sort((a, b) =>
            a.name < b.name ? -1 : 1,
          );
        expect(sorted(turned)).toEqual(sorted(all));
      }),
      { numRuns: 50 },
    );
  });
});

describe('maxGap', () => {
  const at = (value: number, width: number, rows = 200) =>
    slice(
      'JFK',
      rows,
      { 'roc-auc': value, 'log-loss': value },
      {
        'roc-auc': { low: value - width, high: value + width, method: 'delong' },
        'log-loss': { low: value - width, high: value + width, method: 'jackknife' },
      },
    );

  it.each([
    ['a smaller gap', 'roc-auc', 0.62, 0.02, 'pass'],
    ['a slice that is better', 'roc-auc', 0.9, 0.02, 'pass'],
    ['a larger gap', 'roc-auc', 0.55, 0.02, 'fail'],
    ['a larger gap on a noisy slice', 'roc-auc', 0.55, 0.2, 'inconclusive'],
    ['a larger gap where lower is better', 'log-loss', 0.6, 0.02, 'fail'],
    ['a slice that is better where lower is better', 'log-loss', 0.3, 0.02, 'pass'],
  ] as const)('%s', (_what, metric, value, width, verdict) => {
    const model = { evaluation: evaluation({ slices: [at(value, width)] }) };
    const { gates } = judge([gate({ metric, maxGap: 0.05, slice: 'origin' })], model);
    expect(gates.map((each) => [each.kind, each.verdict])).toEqual([['gap', verdict]]);
  });

  it('says how much worse', () => {
    const model = { evaluation: evaluation({ slices: [at(0.55, 0.02)] }) };
    const { gates } = judge([gate({ metric: 'roc-auc', maxGap: 0.05, slice: 'origin' })], model);
    expect(gates[0]?.name).toBe('roc-auc gap <= 0.05 on origin=JFK');
    expect(gates[0]?.because).toMatch(
      /^ROC AUC is 0\.55, 0\.1 worse than the 0\.65 over all rows, where 0\.05 is allowed\. On 200 rows this is no noise/,
    );
  });

  it('of a slice that holds all rows is no gap', () => {
    const model = { evaluation: evaluation({ slices: [at(0.65, 0.03, 1000)] }) };
    const { gates } = judge([gate({ metric: 'roc-auc', maxGap: 0.01, slice: 'origin' })], model);
    expect(gates[0]?.verdict).toBe('pass');
  });

  it('fails without a value over all rows', () => {
    const model = { evaluation: evaluation({ metrics: { 'roc-auc': null }, slices: [at(0.6, 0.1)] }) };
    const { gates } = judge([gate({ metric: 'roc-auc', maxGap: 0.01, slice: 'origin' })], model);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['fail']);
  });
});

describe('fairness', () => {
  const group = (value: string, rows: number, selectionRate: number | null) => ({
    value,
    rows,
    selectionRate,
    truePositiveRate: selectionRate,
    falsePositiveRate: selectionRate,
    ece: 0.1,
  });
  const withGroups = (ratio: number | null, interval?: { low: number; high: number }, small = 0.1) => ({
    evaluation: evaluation({
      fairness: [
        {
          column: 'gender',
          groups: [group('f', 400, 0.3), group('m', 500, 0.4), group('x', 30, small)],
          minRows: 50,
          metrics: { 'selection-rate-ratio': ratio },
          intervals:
            interval === undefined ? {} : { 'selection-rate-ratio': { ...interval, method: 'bootstrap' } },
        },
      ],
    }),
  });
  const config = { metric: 'selection-rate-ratio', fairness: 'gender', min: 0.8 } as const;

  it.each([
    ['within', 0.85, { low: 0.7, high: 1 }, 'pass'],
    ['beyond', 0.6, { low: 0.5, high: 0.7 }, 'fail'],
    ['beyond, but noise', 0.75, { low: 0.6, high: 0.9 }, 'inconclusive'],
    ['beyond, without an interval', 0.75, undefined, 'fail'],
    ['not defined', null, undefined, 'fail'],
  ] as const)('%s', (_what, ratio, interval, verdict) => {
    const { gates } = judge([gate(config)], withGroups(ratio, interval));
    expect(gates).toMatchObject([
      { name: 'selection-rate-ratio >= 0.8 by gender', kind: 'fairness', fairness: 'gender', verdict },
    ]);
  });

  it('compares other groups from their rates when the gate has other rows in mind', () => {
    const model = withGroups(0.75, { low: 0.6, high: 0.9 });
    const { gates } = judge([gate({ ...config, minRows: 20 })], model);
    expect(gates[0]?.value).toBeCloseTo(0.25);
    const few = judge([gate({ ...config, minRows: 450 })], model);
    expect(few.gates).toMatchObject([{ verdict: 'skipped', value: null }]);
    expect(few.gates[0]?.because).toMatch(/^One group by "gender" has 450 rows or more/);
  });

  it('fails where the evaluation has no such groups', () => {
    expect(judge([gate(config)]).gates).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('the report', () => {
  const failing = { metric: 'roc-auc', min: 0.9 } as const;
  const undecided = { metric: 'roc-auc', min: 0.64 } as const;

  it.each([
    ['a failed gate blocks', [failing], false, 'fail', ['block']],
    ['or warns', [{ ...failing, severity: 'warn' }], true, 'pass', ['warn']],
    ['or is noted', [{ ...failing, severity: 'info' }], true, 'pass', ['info']],
    ['an undecided one warns', [undecided], true, 'inconclusive', ['warn']],
    ['or blocks', [{ ...undecided, inconclusive: 'block' }], false, 'fail', ['block']],
    ['whatever its severity', [{ ...undecided, severity: 'info' }], true, 'inconclusive', ['warn']],
    ['no gates', [], true, 'pass', []],
  ] as const)('%s', (_what, configs, passed, verdict, effects) => {
    const report = judge(configs.map((config) => gate(config)));
    expect(report).toMatchObject({ passed, verdict });
    expect(report.gates.map(({ effect }) => effect)).toEqual(effects);
  });

  it('passes if and only if no effect is block; pass and skipped have none', () => {
    const severity = fc.constantFrom('block' as const, 'warn' as const, 'info' as const);
    const metric = fc.constantFrom('roc-auc', 'f1', 'brier', 'model-size');
    const limit = fc.double({ min: 0, max: 1, noNaN: true });
    const config = fc.record({ metric, min: limit, severity, inconclusive: severity });
    const versus = fc.record({
      metric,
      versus: fc.constantFrom('production', 'staging'),
      severity,
      inconclusive: severity,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(config, versus), { maxLength: 6 }), (configs) => {
        const report = judge(
          configs.map((each) => gate(each)),
          {},
          [baseline(), baseline({ notScored: 'it cannot be.' }, 'staging')],
        );
        expect(report.passed).toBe(report.gates.every(({ effect }) => effect !== 'block'));
        expect(report.verdict === 'fail').toBe(!report.passed);
        expect(report.gates).toHaveLength(configs.length);
        report.gates.forEach(({ verdict, effect, because }, index) => {
          const { severity: ofFailure, inconclusive } = configs[index] as (typeof configs)[number];
          expect(effect).toBe(
            { pass: undefined, skipped: undefined, fail: ofFailure, inconclusive }[verdict],
          );
          expect(because).toMatch(/\.$/);
        });
      }),
    );
  });

  it('lets no value through that is beyond a limit', () => {
    const value = fc.double({ noNaN: true, min: -10, max: 10 });
    const width = fc.double({ noNaN: true, min: 0, max: 5 });
    fc.assert(
      fc.property(value, value, width, fc.boolean(), (metric, limit, half, isMin) => {
        const model = {
          evaluation: evaluation({
            metrics: { profit: metric },
            intervals: { profit: { low: metric - half, high: metric + half, method: 'script' } },
          }),
        };
        const config = gate({ metric: 'profit', ...(isMin ? { min: limit } : { max: limit }) });
        const verdict = judge([config], model).gates[0]?.verdict;
        expect(verdict === 'fail').toBe(isMin ? metric < limit : metric > limit);
        expect(verdict === 'pass').toBe(isMin ? metric - half >= limit : metric + half <= limit);
      }),
    );
  });
});
