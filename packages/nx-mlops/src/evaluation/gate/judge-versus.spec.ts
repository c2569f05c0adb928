import {
  gateReportSchema,
  takeRows,
  type BinarySample,
  type GateConfig,
  type GateReport,
  type GateResult,
} from '@nx-mlops/core';
import fc from 'fast-check';
import { baseline, digest, evaluation, gate, measured, noisier, sample } from './gate.fixture';
import { judgeGates } from './judge-gates';
import type { Champion, JudgedBaseline, JudgedModel } from './judged-model';

function judge(
  gates: readonly GateConfig[],
  model: JudgedModel,
  baselines: readonly JudgedBaseline[],
): GateReport {
  const report = judgeGates({ ...model, gates, baselines, evaluationSha256: digest });
  expect(gateReportSchema.parse(report)).toEqual(report);
  return report;
}

function judgeOne(config: Parameters<typeof gate>[0], model: JudgedModel, champion?: Partial<Champion>) {
  return judge([gate(config)], model, [baseline(champion)]).gates[0] as GateResult;
}

const versus = { metric: 'roc-auc', versus: 'production' } as const;
const good = sample(4000, 0.3);
const asGood = noisier(good, 0.02);
const bad = noisier(good, 0.4);

describe('versus', () => {
  it.each([
    ['as good as the champion', asGood, good, 'pass', 'non-inferior'],
    ['worse', bad, good, 'fail', 'worse'],
    ['better', good, bad, 'pass', 'better'],
  ] as const)('%s', (_what, challenger, champion, verdict, comparison) => {
    const result = judgeOne(versus, measured(challenger, ['roc-auc']), { sample: champion });
    expect(result).toMatchObject({
      name: 'roc-auc versus production',
      kind: 'versus',
      verdict,
      versus: {
        baseline: 'production',
        modelVersion: 3,
        comparison: { verdict: comparison, test: 'delong' },
      },
    });
    const { value, versus: against } = result;
    expect(against?.comparison?.difference).toBeCloseTo((value ?? NaN) - (against?.value ?? NaN), 12);
  });

  it('on few rows is inconclusive, and says how many would do', () => {
    const few = takeRows(
      good,
      Uint32Array.from({ length: 200 }, (_, row) => row),
    );
    const result = judgeOne(versus, measured(noisier(few, 0.15), ['roc-auc']), { sample: few });
    expect(result).toMatchObject({ verdict: 'inconclusive', effect: 'warn' });
    expect(result.because).toMatch(
      /^ROC AUC is .* production \(version 3\): .* 90 % interval of the difference .*, margin 0\.005\. 200 rows do not decide whether that is within the margin\. About [\d,]+ test rows would, or a wider margin\.$/,
    );
  });

  it('says by how much it is worse, as people read it', () => {
    const { because, versus: against } = judgeOne(versus, measured(bad, ['roc-auc']), { sample: good });
    expect(because).toMatch(
      /^ROC AUC is 0\.\d+ below production \(version 3\): 0\.\d+ against 0\.\d+, 90 % interval of the difference -0\.\d+ to -0\.\d+, margin 0\.005\. Worse on 4,000 rows by DeLong's test\.$/,
    );
    expect(against?.comparison?.high).toBeLessThan(0);
    const loss = judgeOne({ ...versus, metric: 'log-loss' }, logLoss(bad), { sample: good });
    expect(loss).toMatchObject({ verdict: 'fail', versus: { comparison: { verdict: 'worse' } } });
    // Log loss rises: the sentence has it so, while the comparison counts improvements.
    expect(loss.because).toMatch(
      /^Log loss is 0\.\d+ above .* interval of the difference 0\.\d+ to 0\.\d+, /,
    );
    expect(loss.versus?.comparison?.difference).toBeLessThan(0);
  });

  const logLoss = (of: BinarySample): JudgedModel => {
    const model = measured(of, ['log-loss']);
    return { ...model, evaluation: { ...model.evaluation, directions: { 'log-loss': 'lower' } } };
  };

  it.each([
    [{}, 0.005],
    [{ margin: 0.5 }, 0.5],
    [{ margin: 0 }, 0],
    [{ margin: '10%' }, 0.1],
  ] as const)('with %j has its margin', (config, margin) => {
    const { versus: against } = judgeOne({ ...versus, ...config }, measured(bad, ['roc-auc']), {
      sample: good,
    });
    const share = 'margin' in config && typeof config.margin === 'string' ? (against?.value ?? NaN) : 1;
    expect(against?.comparison?.margin).toBeCloseTo(margin * share, 12);
  });

  it('where lower is better has a share of the champion’s value for a margin', () => {
    const { versus: against } = judgeOne({ ...versus, metric: 'log-loss' }, logLoss(asGood), {
      sample: good,
    });
    expect(against?.comparison?.margin).toBeCloseTo(0.01 * (against?.value ?? NaN), 12);
  });

  it('passes a clear loss that the margin allows', () => {
    expect(judgeOne({ ...versus, margin: 0.5 }, measured(bad, ['roc-auc']), { sample: good }).verdict).toBe(
      'pass',
    );
  });

  it('that requires a better model passes only that', () => {
    const config = { ...versus, require: 'better' } as const;
    expect(judgeOne(config, measured(good, ['roc-auc']), { sample: bad }).verdict).toBe('pass');
    const result = judgeOne(config, measured(asGood, ['roc-auc']), { sample: good });
    expect(result).toMatchObject({
      name: 'roc-auc better than production',
      verdict: 'inconclusive',
      versus: { comparison: { verdict: 'non-inferior' } },
    });
    expect(result.because).toMatch(/Not shown to be better than production \(version 3\)/);
    expect(judgeOne(config, measured(bad, ['roc-auc']), { sample: good }).verdict).toBe('fail');
  });

  it('takes the test and the alpha that the gate names', () => {
    const model = measured(bad, ['roc-auc', 'accuracy']);
    const result = judgeOne({ ...versus, metric: 'accuracy', test: 'mcnemar', alpha: 0.01 }, model, {
      sample: good,
    });
    expect(result.versus?.comparison).toMatchObject({ test: 'mcnemar', confidence: 0.98 });
    expect(result.because).toContain('98 % interval');
  });

  it('the champion keeps its own threshold', () => {
    const model = measured(good, ['accuracy']);
    const lax = judgeOne({ ...versus, metric: 'accuracy' }, model, { sample: { ...good, threshold: 0.05 } });
    expect(lax.versus?.value).toBeLessThan(lax.value ?? NaN);
    expect(lax.verdict).toBe('pass');
  });

  it('of no baseline yet is skipped with the reason, and is no pass', () => {
    const result = judgeOne(versus, measured(good, ['roc-auc']));
    expect(result).toMatchObject({
      verdict: 'skipped',
      because: 'production serves no version of this model yet.',
      versus: { baseline: 'production', value: null },
    });
    expect(result.effect).toBeUndefined();
  });

  it('of a champion that cannot be scored is undecided with the reason', () => {
    const config = { ...versus, inconclusive: 'block' } as const;
    const result = judgeOne(config, measured(good, ['roc-auc']), { notScored: 'the split lacks "hour".' });
    expect(result).toMatchObject({ verdict: 'inconclusive', effect: 'block' });
    expect(result.because).toBe('Not compared with production (version 3): the split lacks "hour".');
  });

  it('of the very same model has no difference', () => {
    const model = measured(good, ['roc-auc']);
    const result = judgeOne({ ...versus, margin: 0 }, model, { isSame: true });
    expect(result).toMatchObject({
      verdict: 'pass',
      versus: { comparison: { verdict: 'non-inferior', difference: 0, low: 0, high: 0 } },
    });
    expect(result.because).toBe(
      'This is the very model that production (version 3) is, so there is no difference.',
    );
    const better = judgeOne({ ...versus, require: 'better' }, model, { isSame: true });
    expect(better.verdict).toBe('inconclusive');
  });

  it('fails where the metric has no value for the model, and is undecided where it has none for the champion', () => {
    const none = measured(good, ['roc-auc']);
    const missing = { ...none, evaluation: { ...none.evaluation, metrics: {} } };
    expect(judgeOne(versus, missing, { sample: good }).verdict).toBe('fail');
    const precision = judgeOne({ ...versus, metric: 'precision' }, measured(good, ['precision']), {
      sample: { ...good, threshold: 1.1 },
    });
    expect(precision.verdict).toBe('inconclusive');
    expect(precision.because).toMatch(/not defined on these rows for production/);
  });

  it('compares two names that mean one version once', () => {
    const champion: Champion = { modelVersion: 3, isSame: false, modelSize: 1, sample: good };
    const names = ['production', 'last-release'];
    const baselines = names.map((name) => ({ record: { name, because: 'It is.' }, champion }));
    const { gates } = judge(
      names.map((name) => gate({ metric: 'roc-auc', versus: name })),
      measured(bad, ['roc-auc']),
      baselines,
    );
    expect(gates.map(({ name }) => name)).toEqual([
      'roc-auc versus production',
      'roc-auc versus last-release',
    ]);
    expect(gates[1]?.versus?.comparison).toEqual(gates[0]?.versus?.comparison);
    expect(gates[1]?.because).toContain('last-release (version 3)');
  });

  it('turned round gives the difference with the other sign', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (seed, noise) => {
          const one = sample(300, 0.4, seed);
          const other = noisier(one, noise, seed + 1);
          const there = judgeOne(versus, measured(one, ['roc-auc']), { sample: other }).versus?.comparison;
          const back = judgeOne(versus, measured(other, ['roc-auc']), { sample: one }).versus?.comparison;
          expect(there?.difference).toBeCloseTo(-(back?.difference ?? NaN), 10);
          expect(there?.low).toBeCloseTo(-(back?.high ?? NaN), 10);
          expect(there?.verdict === 'worse' && back?.verdict === 'worse').toBe(false);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('versus on slices', () => {
  // Every fourth row is of LGA, where the challenger is much worse; ten rows are of XXX.
  const rows = good.labels.length;
  const codes = Uint8Array.from({ length: rows }, (_, row) => (row < 10 ? 2 : row % 4 === 0 ? 1 : 0));
  const slices = { values: ['JFK', 'LGA', 'XXX'], codes };
  const scores = Float64Array.from(good.scores, (score, row) => (codes[row] === 1 ? 1 - score : score));
  const worseOnLga = { ...good, scores };
  const config = { ...versus, slice: 'origin' } as const;

  it('finds the one that got worse', () => {
    const model = measured(worseOnLga, ['roc-auc'], slices);
    const { gates } = judge([gate(config)], model, [baseline({ sample: good })]);
    expect(gates.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['roc-auc versus production on origin=JFK', 'pass'],
      ['roc-auc versus production on origin=LGA', 'fail'],
      ['roc-auc versus production on origin=XXX', 'skipped'],
    ]);
    expect(gates[1]?.versus?.comparison).toMatchObject({ verdict: 'worse', rows: 997 });
    expect(gates[1]?.because).toMatch(/Adjusted for 2 slices\.$/);
    const one = judge([gate({ ...config, slice: 'origin=LGA' })], model, [baseline({ sample: good })]);
    expect(one.gates.map(({ verdict }) => verdict)).toEqual(['fail']);
  });

  it('needs the rows of the slices, and says so', () => {
    const model = measured(worseOnLga, ['roc-auc'], slices);
    const without = {
      ...model,
      predictions: { sample: worseOnLga, slices: new Map(), rowMetrics: new Map() },
    };
    const { gates } = judge([gate(config)], without, [baseline({ sample: good })]);
    expect(gates).toMatchObject([{ name: 'roc-auc versus production on origin', verdict: 'inconclusive' }]);
  });

  it('of no baseline is skipped once', () => {
    const { gates } = judge([gate(config)], measured(good, ['roc-auc'], slices), [baseline()]);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['skipped']);
  });

  it('of the very same model passes each', () => {
    const { gates } = judge([gate(config)], measured(good, ['roc-auc'], slices), [
      baseline({ isSame: true }),
    ]);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'skipped']);
  });
});

describe('versus in a metric of a script', () => {
  const rows = 500;
  const own = Float64Array.from({ length: rows }, (_, row) => (row % 7) / 7);
  const model = (rowMetrics: Map<string, Float64Array>): JudgedModel => ({
    evaluation: evaluation({ metrics: { profit: 0.4 }, directions: { profit: 'higher' } }),
    predictions: { sample: sample(rows, 0.3), slices: new Map(), rowMetrics },
  });
  const config = { metric: 'profit', versus: 'production' } as const;

  it('is paired row by row where both have its rows', () => {
    const champion = { rowMetrics: new Map([['profit', own.map((value) => value + 0.1)]]) };
    const result = judgeOne(config, model(new Map([['profit', own]])), champion);
    expect(result).toMatchObject({ verdict: 'fail', versus: { comparison: { verdict: 'worse', rows } } });
  });

  it.each([
    [0.4, 'pass'],
    [0.404, 'pass'],
    [0.41, 'fail'],
  ] as const)('else the values alone are compared, here with %d', (value, verdict) => {
    const result = judgeOne(config, model(new Map()), { metrics: { profit: value } });
    expect(result.verdict).toBe(verdict);
    expect(result.because).toMatch(/not measured row by row/);
    expect(result.versus?.comparison).toBeUndefined();
  });

  it('is undecided where the champion was not measured on these rows', () => {
    expect(judgeOne(config, model(new Map()), { notScored: 'a script measured it.' }).verdict).toBe(
      'inconclusive',
    );
    expect(judgeOne(config, model(new Map()), {}).verdict).toBe('inconclusive');
  });
});

describe('versus in size and speed', () => {
  const performance = (latency: number, measuredOn = 'here') => ({
    version: 1 as const,
    modelSha256: 'm',
    metrics: { 'latency-p95': latency },
    measuredOn,
  });
  const model: JudgedModel = { evaluation: evaluation(), performance: performance(10) };

  it.each([
    ['as large', { metric: 'model-size' }, { modelSize: 2_000_000 }, 'pass'],
    ['smaller', { metric: 'model-size' }, { modelSize: 3_000_000 }, 'pass'],
    ['within the margin', { metric: 'model-size', margin: '1%' }, { modelSize: 1_990_000 }, 'pass'],
    ['larger', { metric: 'model-size' }, { modelSize: 1_000_000 }, 'fail'],
    ['not smaller', { metric: 'model-size', require: 'better' }, { modelSize: 2_000_000 }, 'inconclusive'],
    ['slower', { metric: 'latency-p95' }, { performance: performance(5) }, 'fail'],
    ['faster', { metric: 'latency-p95' }, { performance: performance(20) }, 'pass'],
    [
      'on another machine',
      { metric: 'latency-p95' },
      { performance: performance(5, 'there') },
      'inconclusive',
    ],
    ['not on record', { metric: 'latency-p95' }, {}, 'inconclusive'],
    ['not measured', { metric: 'latency-p99' }, {}, 'fail'],
  ] as const)('%s', (_what, config, champion, verdict) => {
    expect(judgeOne({ versus: 'production', ...config }, model, champion).verdict).toBe(verdict);
  });

  it('says it in units', () => {
    const { because } = judgeOne({ versus: 'production', metric: 'model-size' }, model, {
      modelSize: 1_000_000,
    });
    expect(because).toBe(
      'Model size is 1.0 MB above production (version 3): 2.0 MB against 1.0 MB, margin 10 kB.',
    );
  });
});
