import { gateReportSchema, type Evaluation, type GateConfig } from '@nx-mlops/core';
import fc from 'fast-check';
import { judgeGates } from './gate';
import { gateReportMarkdown, gateTable, verdictLine } from './gate-report-text';

const digest = 'e'.repeat(64);
const evaluation: Evaluation = {
  version: 1,
  model: 'flight_delay',
  task: 'binary-classification',
  modelSha256: 'm'.repeat(64),
  test: { dataset: 'flights', split: 'test', sha256: 't'.repeat(64), rows: 1000 },
  metrics: { 'roc-auc': 0.65, 'log-loss': 0.5, f1: null },
  baseline: { strategy: 'class-prior', metrics: { 'roc-auc': 0.5, 'log-loss': 0.6, f1: null } },
  slices: [
    { column: 'origin', value: 'JFK', rows: 500, metrics: { 'roc-auc': 0.7 } },
    { column: 'origin', value: 'L|X', rows: 450, metrics: { 'roc-auc': 0.55 } },
    { column: 'origin', value: null, rows: 49, metrics: { 'roc-auc': 0.2 } },
    { column: 'origin', value: 'ONE', rows: 60, metrics: { 'roc-auc': null } },
  ],
  charts: [{ title: 'ROC curve', file: 'roc.svg' }],
};
const gate = (values: Partial<GateConfig> & { metric: string }): GateConfig => ({
  severity: 'block',
  ...values,
});

describe('judgeGates', () => {
  it.each([
    ['at the minimum', { metric: 'roc-auc', min: 0.65 }, 'roc-auc >= 0.65', 'pass', true],
    ['just below it', { metric: 'roc-auc', min: 0.65000001 }, 'roc-auc >= 0.65000001', 'fail', false],
    ['at the maximum', { metric: 'log-loss', max: 0.5 }, 'log-loss <= 0.5', 'pass', true],
    ['above it', { metric: 'log-loss', max: 0.4 }, 'log-loss <= 0.4', 'fail', false],
    ['within both', { metric: 'roc-auc', min: 0.6, max: 0.7 }, '0.6 <= roc-auc <= 0.7', 'pass', true],
    ['a warning', { metric: 'roc-auc', min: 0.9, severity: 'warn' }, 'roc-auc >= 0.9', 'fail', true],
    ['not defined', { metric: 'f1', min: 0 }, 'f1 >= 0', 'fail', false],
    ['not measured', { metric: 'brier', max: 1 }, 'brier <= 1', 'fail', false],
    ['no such slices', { metric: 'roc-auc', min: 0, slice: 'hour' }, 'roc-auc >= 0 on hour', 'fail', false],
  ] as const)('%s', (_what, config, name, verdict, passed) => {
    const report = judgeGates(evaluation, [gate(config)], digest);
    expect(report.gates).toMatchObject([{ name, verdict }]);
    expect(report.passed).toBe(passed);
    expect(gateReportSchema.parse(report)).toEqual(report);
  });

  it('judges every value of a slice that has the rows for it, and skips the others', () => {
    const report = judgeGates(evaluation, [gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' })], digest);
    expect(report.gates.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['roc-auc >= 0.6 on origin=JFK', 'pass'],
      ['roc-auc >= 0.6 on origin=L|X', 'fail'],
      ['roc-auc >= 0.6 on origin=(missing)', 'skipped'],
      ['roc-auc >= 0.6 on origin=ONE', 'fail'],
    ]);
    expect(report.gates[2]?.because).toBe('49 rows are fewer than the 50 that a judgement needs.');
  });

  it('takes the gate’s own minimum of rows', () => {
    const config = gate({ metric: 'roc-auc', min: 0.6, slice: 'origin', minRows: 451 });
    const { gates, passed } = judgeGates(evaluation, [config], digest);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['pass', 'skipped', 'skipped', 'skipped']);
    expect(passed).toBe(true);
  });

  it('tells value and limit apart in words even when they round to the same', () => {
    const close = { ...evaluation, metrics: { 'roc-auc': 0.59999 } };
    const { gates } = judgeGates(close, [gate({ metric: 'roc-auc', min: 0.6 })], digest);
    expect(gates[0]?.because).toBe('0.59999 is below the minimum of 0.6.');
  });

  it('passes without gates', () => {
    expect(judgeGates(evaluation, [], digest)).toMatchObject({ passed: true, gates: [] });
  });

  it('lets nothing through that is not within the limits, and stops nothing that is', () => {
    const value = fc.double({ noNaN: true, min: -10, max: 10 });
    fc.assert(
      fc.property(value, value, fc.boolean(), (measured, limit, isMin) => {
        const config = gate({ metric: 'roc-auc', ...(isMin ? { min: limit } : { max: limit }) });
        const { passed } = judgeGates({ ...evaluation, metrics: { 'roc-auc': measured } }, [config], digest);
        expect(passed).toBe(isMin ? measured >= limit : measured <= limit);
      }),
    );
  });
});

describe('the texts', () => {
  const report = judgeGates(
    evaluation,
    [
      gate({ metric: 'roc-auc', min: 0.6 }),
      gate({ metric: 'log-loss', max: 0.1, severity: 'warn' }),
      gate({ metric: 'roc-auc', min: 0.6, slice: 'origin' }),
    ],
    digest,
  );

  it('count what passed, failed, warned and was skipped', () => {
    expect(verdictLine(report)).toBe(
      'flight_delay does not pass: of 6 gates 2 passed, 2 failed, 1 warning, 1 skipped.',
    );
  });

  it('put what failed first', () => {
    expect(
      gateTable(report)
        .slice(2)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['fail', 'fail', 'warn', 'pass', 'pass', 'skipped']);
  });

  it('make Markdown with verdict, gates, metrics, slices and charts, unbroken by names', () => {
    const text = gateReportMarkdown(report, evaluation, '../evaluation');
    expect(text).toContain('# flight\\_delay: ❌ gates failed');
    expect(text).toContain(
      '| ❌ | roc-auc >= 0.6 on origin=L\\|X | 0.55 | 0.55 is below the minimum of 0.6. |',
    );
    expect(text).toContain('| roc-auc | 0.65 | 0.5 |');
    expect(text).toContain('| f1 | – | – |');
    expect(text).toContain('## By origin');
    expect(text).toContain('![ROC curve](../evaluation/roc.svg)');
    for (const line of text.split('\n').filter((each) => each.startsWith('|'))) {
      expect(line).toMatch(/^\| .* \|$/);
    }
  });
});
