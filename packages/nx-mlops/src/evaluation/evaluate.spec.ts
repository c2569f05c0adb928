/** @jest-environment ./../runtime/jest-environment.cjs */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  evaluationSchema,
  goldenSchema,
  modelManifestSchema,
  performanceMetricNames,
  performanceSchema,
  readManifest,
  sha256OfFile,
  type Column,
} from '@nx-mlops/core';
import { inspectModel } from '@nx-mlops/runtime';
import tmp from 'tmp';
import { evaluateModel } from './evaluate';
import { evaluationBench as bench, modelFixtures } from './evaluation-bench.fixture';
import { predictSample } from './predict-sample';
import { readPredictions } from './read-predictions';

tmp.setGracefulCleanup();

const values = (names: string, ...rows: string[]) =>
  `SELECT * FROM (VALUES ${rows.join(', ')}) AS t(${names})`;
const binaryColumns: Column[] = [
  { name: 'amount', type: 'number' },
  { name: 'origin', type: 'string' },
  { name: 'target', type: 'string' },
];
const twoNumbers = (type: Column['type']): Column[] => [
  { name: 'first', type: 'number' },
  { name: 'second', type: 'number' },
  { name: 'target', type },
];
// Scores 0.5 (no), sigmoid(1) (yes), sigmoid(-1) (no), sigmoid(2) (no): three of four pairs are in order.
const fourRows = values(
  'amount, origin, target',
  `(0.0, 'XXX', 'no')`,
  `(0.0, 'JFK', 'yes')`,
  `(-1.0, NULL, 'no')`,
  `(0.0, 'LAX', 'no')`,
);
/** Wilson's interval at 95 %, by its formula. */
const wilson = (successes: number, trials: number) => {
  const z = 1.959963984540054;
  const share = successes / trials;
  const centre = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const reach =
    (z / (1 + (z * z) / trials)) *
    Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: expect.closeTo(centre - reach, 9),
    high: expect.closeTo(centre + reach, 9),
    method: 'wilson',
  };
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

const written = (folder: string) => join(folder, '.mlops', 'evaluation');

describe('an evaluation', () => {
  it('of a binary classification gives metrics, intervals, baseline, confusion, slices and curves', async () => {
    const { folder, request, printed } = await bench('binary', fourRows, binaryColumns, {
      slices: ['origin'],
    });
    const evaluation = await evaluateModel(request);
    expect(evaluation.intervals['accuracy']).toEqual(wilson(2, 4));
    expect(evaluation.directions).toMatchObject({ 'roc-auc': 'higher', 'log-loss': 'lower' });
    expect(evaluation.metrics['roc-auc']).toBeCloseTo(2 / 3, 6);
    expect(evaluation.metrics['accuracy']).toBe(0.5);
    const losses = [
      -Math.log(0.5),
      -Math.log(sigmoid(1)),
      -Math.log(1 - sigmoid(-1)),
      -Math.log(1 - sigmoid(2)),
    ];
    expect(evaluation.metrics['log-loss']).toBeCloseTo(losses.reduce((a, b) => a + b) / 4, 5);
    expect(evaluation.baseline).toMatchObject({
      strategy: 'class-prior',
      metrics: { 'roc-auc': 0.5, accuracy: 0.75 },
    });
    // A score of exactly 0.5 is at the threshold, hence positive.
    expect(evaluation.confusion).toEqual([
      [1, 2],
      [0, 1],
    ]);
    expect(evaluation.classes).toEqual(['no', 'yes']);
    expect(evaluation.perClass).toEqual([
      { label: 'no', rows: 3, precision: 1, recall: 1 / 3, f1: 0.5 },
      { label: 'yes', rows: 1, precision: 1 / 3, recall: 1, f1: 0.5 },
    ]);
    expect(evaluation.calibration?.bins.map(({ rows, observed }) => [rows, observed])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 0],
    ]);
    expect(evaluation.curves?.roc).toEqual([
      [0, 0],
      [0.333333, 0],
      [0.333333, 1],
      [0.666667, 1],
      [1, 1],
    ]);
    expect(evaluation.curves?.thresholds).toHaveLength(4);
    expect(evaluation.slices.map(({ kind, value, rows }) => [kind, value, rows])).toEqual([
      ['declared', 'JFK', 1],
      ['declared', 'LAX', 1],
      ['declared', 'XXX', 1],
      ['declared', null, 1],
      ['automatic', 0, 3],
      ['automatic', -1, 1],
    ]);
    expect(evaluation.slices[0]?.metrics).toMatchObject({ 'roc-auc': null, accuracy: 1 });
    expect(readdirSync(written(folder)).sort()).toEqual([
      'evaluation.json',
      'golden.json',
      'performance.json',
      'predictions',
    ]);
    const file = join(written(folder), 'evaluation.json');
    expect(await readManifest(file, evaluationSchema, 'evaluate')).toEqual(evaluation);
    expect(printed.join('\n')).toMatch(
      /metric +value +95 % interval +baseline \(class-prior\)\n-+ .*\nroc-auc +0\.6667 +– +0\.5\npr-auc +0\.5 +\S+ to \S+ +0\.25/,
    );
    expect(evaluation.warnings).toEqual([
      { code: 'few-rows', message: expect.stringMatching(/^d:test has 4 rows/) },
    ]);
    expect(printed.join('\n')).toMatch(/Warning: d:test has 4 rows/);
  });

  it('keeps golden rows with the answers of the model, the same each time', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    const golden = async () => {
      await evaluateModel(request);
      return readManifest(join(written(folder), 'golden.json'), goldenSchema, 'evaluate');
    };
    const first = await golden();
    const { file } = await readManifest(
      join(folder, '.mlops/model/model.manifest.json'),
      modelManifestSchema,
      'train',
    );
    const score = (x: number) => [expect.closeTo(sigmoid(x), 6)];
    expect(first).toEqual({
      version: 1,
      model: 'late',
      modelSha256: file.sha256,
      test: { dataset: 'd', split: 'test', sha256: 'b'.repeat(64) },
      features: binaryColumns.slice(0, 2),
      rows: [
        { row: 0, values: [0, 'XXX'], scores: score(0) },
        { row: 1, values: [0, 'JFK'], scores: score(1) },
        { row: 2, values: [-1, null], scores: score(-1) },
        { row: 3, values: [0, 'LAX'], scores: score(2) },
      ],
    });
    expect(await golden()).toEqual(first);
  });

  it('keeps the answers beside the truth, with the slices of the config', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns, {
      slices: ['origin', { name: 'low', sql: 'amount < 0' }],
    });
    const evaluation = await evaluateModel(request);
    const kept = await readPredictions(written(folder), evaluation);
    const scores = Float32Array.of(0.5, sigmoid(1), sigmoid(-1), sigmoid(2));
    expect(kept?.sample).toMatchObject({
      task: 'binary-classification',
      labels: Uint8Array.of(0, 1, 0, 0),
      threshold: 0.5,
    });
    expect(Array.from(kept?.sample?.scores ?? [])).toEqual(
      Array.from(scores, (score) => expect.closeTo(score, 6)),
    );
    const slices = [...(kept?.slices ?? [])].map(([name, { values, codes }]) => [
      name,
      Array.from(codes, (code) => values[code]),
    ]);
    expect(slices).toEqual([
      ['origin', ['XXX', 'JFK', null, 'LAX']],
      ['low', [false, false, true, false]],
    ]);
    const modelFolder = join(folder, '.mlops', 'model');
    const manifest = await readManifest(
      join(modelFolder, 'model.manifest.json'),
      modelManifestSchema,
      'train',
    );
    const again = await predictSample({
      modelFile: join(modelFolder, 'model.onnx'),
      manifest,
      test: request.test,
      config: request.config,
      classes: evaluation.classes,
      signal: request.signal,
    });
    expect(again).toEqual(kept?.sample);
    await expect(
      predictSample({
        modelFile: join(modelFolder, 'model.onnx'),
        manifest: { ...manifest, classes: ['yes', 'no'] },
        test: request.test,
        config: request.config,
        classes: evaluation.classes,
        signal: request.signal,
      }),
    ).rejects.toMatchObject({
      code: 'MLOPS_MODELS_DIFFER',
      message: expect.stringContaining('its classes are "yes", "no", not "no", "yes"'),
    });
  });

  it('measures how quick the model is beside the evaluation', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    const evaluation = await evaluateModel(request);
    const performance = await readManifest(
      join(written(folder), 'performance.json'),
      performanceSchema,
      'evaluate',
    );
    expect(performance.modelSha256).toBe(evaluation.modelSha256);
    expect(performance.measuredOn).toContain(`Node ${process.versions.node}, ONNX Runtime 1.`);
    expect(Object.keys(performance.metrics).sort()).toEqual([...performanceMetricNames].sort());
    const { metrics } = performance;
    expect(metrics['model-size']).toBe(evaluation.modelSize);
    const [p50 = 0, p95 = 0, p99 = 0] = ['latency-p50', 'latency-p95', 'latency-p99'].map(
      (name) => metrics[name] ?? undefined,
    );
    expect(p50).toBeGreaterThan(0);
    expect(p95).toBeGreaterThanOrEqual(p50);
    expect(p99).toBeGreaterThanOrEqual(p95);
    expect(p99).toBeLessThan(1000);
    expect(metrics['throughput']).toBeGreaterThan(100);
  });

  it('chooses the threshold by its rule on the validation split', async () => {
    const evaluation = { threshold: { minRecall: 1 } };
    const datasets = { train: 'd:train', validation: 'd:validation', test: 'd:test' };
    const { request, printed } = await bench('binary', fourRows, binaryColumns, evaluation, { datasets });
    // Scores 0.5 (no), sigmoid(2) (yes): at sigmoid(2) all positives are found and no false alarm is left.
    const rows = values('amount, origin, target', `(0.0, 'XXX', 'no')`, `(0.0, 'LAX', 'yes')`);
    const other = await bench('binary', rows, binaryColumns);
    const split = { ...other.request.test.manifest, split: 'validation' };
    const result = await evaluateModel({
      ...request,
      validation: { ...other.request.test, manifest: split },
    });
    expect(result.threshold).toBeCloseTo(sigmoid(2), 6);
    expect(result.thresholdChosen).toEqual({
      dataset: 'd',
      split: 'validation',
      sha256: 'b'.repeat(64),
      rule: 'fewest false alarms at a recall of at least 1',
    });
    // Only the row of LAX is predicted positive, and it is not.
    expect(result.confusion).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(printed.join('\n')).toMatch(/Threshold 0\.88\d+, chosen on d:validation: fewest false alarms/);
    const missing = await failureOf(evaluateModel(request));
    expect(missing.code).toBe('MLOPS_VALIDATION_MISSING');
    expect(missing.message).toContain('ml/model/model.config.json: evaluation.threshold');
  });

  it('counts rows by their weights, and keeps weights and groups with the predictions', async () => {
    const rows = values(
      'amount, origin, target, w, patient',
      `(0.0, 'XXX', 'no', 1, 'a')`,
      `(0.0, 'JFK', 'yes', 3, 'b')`,
      `(-1.0, NULL, 'no', 0, 'a')`,
      `(0.0, 'LAX', 'no', 2, 'c')`,
    );
    const columns: Column[] = [
      ...binaryColumns,
      { name: 'w', type: 'integer' },
      { name: 'patient', type: 'string' },
    ];
    const { folder, request } = await bench('binary', rows, columns, { weight: 'w', groupBy: 'patient' });
    const evaluation = await evaluateModel(request);
    expect(evaluation.metrics['accuracy']).toBe(0.5);
    expect(evaluation.confusion).toEqual([
      [0, 3],
      [0, 3],
    ]);
    const kept = await readPredictions(written(folder), evaluation);
    expect(kept?.sample?.weights).toEqual(Float64Array.of(1, 3, 0, 2));
    expect(kept?.sample?.groups).toEqual(Uint32Array.of(0, 1, 0, 2));
  });

  it('of a ranking, by its queries', async () => {
    // Scores 2 first + 1, so the query "p" is ranked right, and in "q" the relevant row comes second.
    const rows = values(
      'first, second, target, search',
      `(2.0, 0.0, 1, 'p')`,
      `(1.0, 0.0, 0, 'p')`,
      `(3.0, 0.0, 0, 'q')`,
      `(2.0, 0.0, 2, 'q')`,
    );
    const columns: Column[] = [...twoNumbers('integer'), { name: 'search', type: 'string' }];
    const { folder, request } = await bench(
      'ranking',
      rows,
      columns,
      { metrics: ['mrr', 'hit-rate@1'] },
      { query: 'search' },
    );
    const evaluation = await evaluateModel(request);
    expect(evaluation.metrics).toEqual({ mrr: 0.75, 'hit-rate@1': 0.5 });
    expect(evaluation.baseline.strategy).toBe('random-order');
    const kept = await readPredictions(written(folder), evaluation);
    expect(kept?.sample).toEqual({
      task: 'ranking',
      scores: Float32Array.of(5, 3, 7, 5),
      relevance: Float64Array.of(1, 0, 0, 2),
      queries: Uint32Array.of(0, 0, 1, 1),
    });
  });

  it('slices by an expression, and by features that have few values', async () => {
    const rows = `SELECT (i % 3)::DOUBLE AS first, i::DOUBLE AS second, (2 * (i % 3) + 3 * i + 1 + (i >= 80)::INT)::DOUBLE AS target FROM range(100) t(i)`;
    const { request } = await bench('regression', rows, twoNumbers('number'), {
      slices: [{ name: 'late', sql: 'second >= 80' }],
      metrics: ['mae'],
    });
    const { slices, metrics } = await evaluateModel(request);
    expect(metrics).toEqual({ mae: 0.2 });
    expect(slices.map(({ column, kind, value, rows: size }) => [column, kind, value, size])).toEqual([
      ['late', 'expression', false, 80],
      ['late', 'expression', true, 20],
      ['first', 'automatic', 0, 34],
      ['first', 'automatic', 1, 33],
      ['first', 'automatic', 2, 33],
    ]);
    expect(slices[1]?.metrics).toEqual({ mae: 1 });
    // 20 rows are too few for a p; the automatic slices hardly differ.
    expect(slices[1]?.adjustedP).toBeUndefined();
    expect(slices[2]?.adjustedP?.['mae']).toBeGreaterThan(0.1);
    const { slices: none } = await evaluateModel({
      ...request,
      config: { ...request.config, evaluation: { ...request.config.evaluation, autoSlices: false } },
    });
    expect(none.map(({ kind }) => kind)).toEqual(['expression', 'expression']);
  });

  it('finds the slice that differs from the rest among many that do not', async () => {
    // The model gives 2 first + 1; in the part "p7" the target is 3 to 4 off, elsewhere up to 1.
    const rows = `SELECT 1.0::DOUBLE AS first, 0.0::DOUBLE AS second, 'p' || (i % 10) AS part,
      (3 + CASE WHEN i % 10 = 7 THEN 3 + (i * 13 % 7) / 7 ELSE (i * 7919 % 11) / 11 END)::DOUBLE AS target FROM range(30000) t(i)`;
    const columns: Column[] = [...twoNumbers('number'), { name: 'part', type: 'string' }];
    const { request } = await bench('regression', rows, columns, {
      slices: ['part'],
      metrics: ['mae', 'rmse'],
    });
    const { slices } = await evaluateModel(request);
    const flagged = slices.filter(({ adjustedP }) => (adjustedP?.['mae'] as number) < 0.001);
    expect(flagged.map(({ value }) => value)).toContain('p7');
    expect(slices.find(({ value }) => value === 'p7')?.adjustedP).toEqual({ mae: expect.closeTo(0, 9) });
  });

  it('compares the groups of fairness columns', async () => {
    const rows = `SELECT 0.0::DOUBLE AS amount, CASE WHEN i % 4 = 0 THEN 'JFK' ELSE NULL END AS origin,
      CASE WHEN i % 2 = 0 THEN 'yes' ELSE 'no' END AS target, CASE WHEN i % 4 = 0 THEN 'x' ELSE 'y' END AS sex
      FROM range(400) t(i)`;
    const columns: Column[] = [...binaryColumns, { name: 'sex', type: 'string' }];
    const { folder, request } = await bench('binary', rows, columns, { fairness: ['sex'], threshold: 0.6 });
    const evaluation = await evaluateModel(request);
    const [sex] = evaluation.fairness;
    expect(sex?.column).toBe('sex');
    expect(sex?.groups.map(({ value, rows: size, selectionRate }) => [value, size, selectionRate])).toEqual([
      ['y', 300, 0],
      ['x', 100, 1],
    ]);
    expect(sex?.metrics['selection-rate-difference']).toBe(1);
    expect(evaluation.slices.some(({ column }) => column === 'sex')).toBe(false);
    const kept = await readPredictions(written(folder), evaluation);
    expect([...(kept?.slices.keys() ?? [])]).toEqual([]);
  });

  it('of a multiclass classification', async () => {
    const rows = values(
      'first, second, target',
      `(3.0, -1.0, 'a')`,
      `(-1.0, 3.0, 'b')`,
      `(2.0, 2.0, 'c')`,
      `(2.0, 2.0, 'a')`,
    );
    const { request } = await bench('multiclass', rows, twoNumbers('string'));
    const evaluation = await evaluateModel(request);
    expect(evaluation.metrics['accuracy']).toBe(0.75);
    expect(evaluation.confusion).toEqual([
      [1, 0, 1],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(evaluation.perClass?.map(({ label, rows: size }) => [label, size])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]);
    expect(evaluation).not.toHaveProperty('threshold');
  });

  it('of a regression, by a boolean and a numeric slice', async () => {
    const rows = values(
      'first, second, target, weekend, hour',
      '(1.0, 1.0, 6.0, true, 1)',
      '(1.0, 1.0, 8.0, true, 2)',
      '(0.0, 0.0, 1.0, false, NULL)',
      '(0.0, 1.0, 3.0, NULL, 2)',
    );
    const columns: Column[] = [
      ...twoNumbers('number'),
      { name: 'weekend', type: 'boolean' },
      { name: 'hour', type: 'integer' },
    ];
    const { request } = await bench('regression', rows, columns, {
      slices: ['weekend', 'hour'],
      metrics: ['mae', 'mean-error'],
      autoSlices: false,
    });
    const evaluation = await evaluateModel(request);
    expect(evaluation.metrics).toEqual({ mae: 0.75, 'mean-error': -0.25 });
    expect(evaluation.curves?.residuals?.counts.reduce((sum, count) => sum + count)).toBe(4);
    expect(evaluation.curves?.predictions).toHaveLength(4);
    const slices = evaluation.slices.map(({ column, value, rows: size, metrics }) => ({
      column,
      value,
      rows: size,
      metrics,
    }));
    expect(slices).toEqual([
      { column: 'weekend', value: true, rows: 2, metrics: { mae: 1, 'mean-error': -1 } },
      { column: 'weekend', value: false, rows: 1, metrics: { mae: 0, 'mean-error': 0 } },
      { column: 'weekend', value: null, rows: 1, metrics: { mae: 1, 'mean-error': 1 } },
      { column: 'hour', value: 2, rows: 2, metrics: { mae: 1.5, 'mean-error': -0.5 } },
      { column: 'hour', value: 1, rows: 1, metrics: { mae: 0, 'mean-error': 0 } },
      { column: 'hour', value: null, rows: 1, metrics: { mae: 0, 'mean-error': 0 } },
    ]);
  });

  it('keeps rows and answers together over many batches, and gives the same bytes twice', async () => {
    const rows = `SELECT i::DOUBLE AS first, 0.0::DOUBLE AS second, (2 * i + 1 + (i % 10))::DOUBLE AS target, i % 3 AS part FROM range(20001) t(i)`;
    const columns: Column[] = [...twoNumbers('number'), { name: 'part', type: 'integer' }];
    const { folder, request } = await bench('regression', rows, columns, {
      slices: ['part'],
      metrics: ['mae', 'max-error'],
    });
    const evaluation = await evaluateModel(request);
    // 20001 rows: residuals 0 to 9 in turn, the last one 0.
    expect(evaluation.metrics['max-error']).toBe(9);
    expect(evaluation.metrics['mae']).toBeCloseTo((4.5 * 20000) / 20001, 9);
    expect(evaluation.slices.map(({ value, rows: size }) => [value, size])).toEqual([
      [0, 6667],
      [1, 6667],
      [2, 6667],
    ]);
    const first = readFileSync(join(written(folder), 'evaluation.json'), 'utf8');
    await evaluateModel({ ...request, now: () => new Date(2030, 1, 1) });
    expect(readFileSync(join(written(folder), 'evaluation.json'), 'utf8')).toBe(first);
    expect(first).not.toContain(folder);
  });

  it('keeps the hundred largest slices and says so', async () => {
    const rows = `SELECT 1.0::DOUBLE AS first, 0.0::DOUBLE AS second, 3.0::DOUBLE AS target, 'v' || least(i, 120) AS part FROM range(200) t(i)`;
    const columns: Column[] = [...twoNumbers('number'), { name: 'part', type: 'string' }];
    const { folder, request, printed } = await bench('regression', rows, columns, { slices: ['part'] });
    const evaluation = await evaluateModel(request);
    const { slices } = evaluation;
    expect(evaluation.warnings.map(({ code }) => code)).toContain('slices-left-out');
    const kept = await readPredictions(written(folder), evaluation);
    // The smallest values have a code of their own, one beyond those kept.
    expect(kept?.slices.get('part')?.codes.filter((code) => code === 100)).toHaveLength(21);
    expect(slices).toHaveLength(100);
    expect(slices[0]).toMatchObject({ value: 'v120', rows: 80 });
    expect(printed.join('\n')).toContain('"part" has 121 values; the 100 with the most rows are kept.');
  });
});

describe('an evaluation that cannot be done', () => {
  const missingTarget = values('amount, origin, target', `(0.0, 'JFK', 'no')`, `(0.0, 'JFK', NULL)`);
  const otherClass = values('amount, origin, target', `(0.0, 'JFK', 'no')`, `(0.0, 'JFK', 'maybe')`);
  const missingFeature = values(
    'amount, origin, target',
    `(0.0, 'JFK', 'no')`,
    `(0.0, 'JFK', 'yes')`,
    `(NULL, 'JFK', 'no')`,
  );
  const manyValues = `SELECT 0.0::DOUBLE AS amount, 'o' || i AS origin, 'no' AS target FROM range(10001) t(i)`;

  it.each([
    [
      'a missing target',
      missingTarget,
      {},
      {},
      'MLOPS_TARGET_MISSING',
      /d:test: row 1 \(counted from 0\) has no value of the target "target"/,
    ],
    [
      'an unknown class',
      otherClass,
      {},
      {},
      'MLOPS_UNKNOWN_CLASS',
      /d:test: row 1 .*target = "maybe"[^]*Known: "no", "yes"/,
    ],
    [
      'a score that is no number',
      missingFeature,
      {},
      {},
      'MLOPS_SCORE_NOT_FINITE',
      /d:test: the score of row 2 \(counted from 0\) is NaN/,
    ],
    [
      'a slice of too many values',
      manyValues,
      { slices: ['origin'] },
      {},
      'MLOPS_SLICE_VALUES',
      /more than 10000 distinct values in d:test/,
    ],
    [
      'an expression that is none',
      fourRows,
      { slices: [{ name: 'far', sql: 'amuont > 3' }] },
      {},
      'MLOPS_SLICE_SQL',
      /ml\/model\/model\.config\.json: evaluation\.slices\[0\]\.sql: "amuont > 3" is no expression .*amuont/,
    ],
    [
      'an expression that changes',
      fourRows,
      { slices: [{ name: 'luck', sql: 'random() < 0.5' }] },
      {},
      'MLOPS_SLICE_SQL',
      /evaluation\.slices\[0\]\.sql: random\(\) gives another result each time/,
    ],
    [
      'weights that are all 0',
      fourRows.replace('SELECT *', 'SELECT *, 0 AS w'),
      { weight: 'w' },
      {},
      'MLOPS_WEIGHT',
      /d:test: the weight "w" is 0 in every row/,
    ],
    [
      'a negative weight',
      fourRows.replace('SELECT *', `SELECT *, CASE origin WHEN 'LAX' THEN -1 ELSE 1 END AS w`),
      { weight: 'w' },
      {},
      'MLOPS_WEIGHT',
      /d:test: row 3 \(counted from 0\) has the value -1 of the weight "w"/,
    ],
    [
      'a missing weight',
      fourRows.replace('SELECT *', `SELECT *, CASE origin WHEN 'JFK' THEN NULL ELSE 1 END AS w`),
      { weight: 'w' },
      {},
      'MLOPS_WEIGHT',
      /d:test: row 1 \(counted from 0\) has no value of the weight "w"/,
    ],
    [
      'a weight of text',
      fourRows,
      { weight: 'origin' },
      {},
      'MLOPS_COLUMN_TYPE',
      /evaluation\.weight: "origin" is of type string in d:test; a weight is a number/,
    ],
    [
      'a missing group',
      fourRows,
      { groupBy: 'origin' },
      {},
      'MLOPS_GROUP_MISSING',
      /d:test: row 2 \(counted from 0\) has no value of "origin"/,
    ],
    [
      'a slice that is not there',
      fourRows,
      { slices: ['orign'] },
      {},
      'MLOPS_UNKNOWN_COLUMN',
      /evaluation\.slices\[0\]: d:test has no column "orign"\. Did you mean "origin"\?/,
    ],
    ['no rows', `${fourRows} LIMIT 0`, {}, {}, 'MLOPS_SPLIT_EMPTY', /d:test: has no rows/],
    [
      'a config of other features',
      fourRows,
      {},
      { features: ['amount'] },
      'MLOPS_MODEL_OUTDATED',
      /features \(amount, origin\)[^]*nx run late:train/,
    ],
  ] as const)(
    'for %s tells so in a paragraph and leaves the former one',
    async (_what, rows, evaluation, config, code, message) => {
      const columns: Column[] = [...binaryColumns, { name: 'w', type: 'integer' }];
      const { folder, request } = await bench('binary', rows, columns, evaluation, config);
      mkdirSync(written(folder), { recursive: true });
      writeFileSync(join(written(folder), 'evaluation.json'), 'former');
      const error = await failureOf(evaluateModel(request));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain('\n');
      expect(readdirSync(written(folder))).toEqual(['evaluation.json']);
      expect(readFileSync(join(written(folder), 'evaluation.json'), 'utf8')).toBe('former');
      expect(readdirSync(join(folder, '.mlops')).sort()).toEqual(['evaluation', 'model']);
    },
  );

  it('for a model file that is not the one of its manifest', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    copyFileSync(
      join(modelFixtures, 'columns-binary-n1.onnx'),
      join(folder, '.mlops', 'model', 'model.onnx'),
    );
    expect((await failureOf(evaluateModel(request))).code).toBe('MLOPS_MODEL_CORRUPT');
  });

  it('for a feature of another type than in the training', async () => {
    const columns = binaryColumns.map((column) =>
      column.name === 'amount' ? { ...column, type: 'string' as const } : column,
    );
    const { request } = await bench('binary', fourRows, columns);
    const { message } = await failureOf(evaluateModel(request));
    expect(message).toMatch(
      /features\[0\]: "amount" is of type string in d:test; the model was trained with type number/,
    );
  });

  it('for a file that has not the rows of its manifest', async () => {
    const { request } = await bench('binary', fourRows, binaryColumns);
    for (const rows of [3, 5]) {
      const test = { ...request.test, manifest: { ...request.test.manifest, rows } };
      expect((await failureOf(evaluateModel({ ...request, test }))).code).toBe('MLOPS_SPLIT_ROWS');
    }
  });

  it('because nothing was trained', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    const elsewhere = { ...request.project, folder: join(folder, 'elsewhere') };
    const error = await failureOf(evaluateModel({ ...request, project: elsewhere }));
    expect(error.code).toBe('MLOPS_MANIFEST_MISSING');
    expect(error.message).toContain('nx run late:train');
  });

  it('because it was stopped', async () => {
    const { folder, request, abort } = await bench('binary', fourRows, binaryColumns);
    abort.abort(new MlopsError('MLOPS_INTERRUPTED', 'Stopped by SIGINT.'));
    expect((await failureOf(evaluateModel(request))).code).toBe('MLOPS_INTERRUPTED');
    expect(existsSync(written(folder))).toBe(false);
  });

  it('for a relevance below 0', async () => {
    const rows = values('first, second, target', '(1.0, 0.0, 1)', '(2.0, 0.0, -1)');
    const { request } = await bench('ranking', rows, twoNumbers('integer'), {}, { query: 'first' });
    const error = await failureOf(evaluateModel(request));
    expect(error.code).toBe('MLOPS_RELEVANCE');
    expect(error.message).toMatch(/d:test: row 1 \(counted from 0\) has target = -1; a relevance is/);
  });

  it('for probabilities that do not sum to one', async () => {
    const rows = values('first, second, target', `(3.0, -1.0, 'a')`, `(-1.0, 3.0, 'b')`);
    const { folder, request } = await bench('multiclass', rows, twoNumbers('string'));
    const file = join(folder, '.mlops', 'model', 'model.onnx');
    // Flatten takes the same attribute as Softmax, and leaves the logits as they are.
    writeFileSync(
      file,
      Buffer.from(readFileSync(file).toString('latin1').replace('Softmax', 'Flatten'), 'latin1'),
    );
    const manifestFile = join(folder, '.mlops', 'model', 'model.manifest.json');
    const manifest = await readManifest(manifestFile, modelManifestSchema, 'train');
    const { inputs, outputs } = await inspectModel(file);
    writeFileSync(
      manifestFile,
      canonicalJson({
        ...manifest,
        inputs,
        outputs,
        file: { sha256: await sha256OfFile(file), size: statSync(file).size },
      }),
    );
    const error = await failureOf(evaluateModel(request));
    expect(error.code).toMatch(/MLOPS_SCORE_NOT_(DISTRIBUTION|PROBABILITY)/);
    expect(error.message).toMatch(/d:test: .*row 0/);
  });

  it('for a model whose output has another name than the manifest says', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    const file = join(folder, '.mlops', 'model', 'model.manifest.json');
    const manifest = await readManifest(file, modelManifestSchema, 'train');
    writeFileSync(file, canonicalJson({ ...manifest, scoreOutput: 'probabilities' }));
    const error = await failureOf(evaluateModel(request));
    expect(error.code).toBe('MLOPS_MODEL_OUTPUT');
    expect(error.message).toMatch(/no output "probabilities".*It gives: scores/);
  });

  it('because the disk is full, and leaves the former one', async () => {
    const { folder, request } = await bench('binary', fourRows, binaryColumns);
    await evaluateModel(request);
    const former = readFileSync(join(written(folder), 'evaluation.json'), 'utf8');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const fileSystem = jest.requireActual<{ open: () => Promise<unknown> }>('node:fs/promises');
    const open = jest.spyOn(fileSystem, 'open').mockRejectedValueOnce(full);
    const error = await failureOf(evaluateModel(request)).finally(() => open.mockRestore());
    expect(error.code).toBe('MLOPS_DISK_FULL');
    expect(readdirSync(join(folder, '.mlops')).sort()).toEqual(['evaluation', 'model']);
    expect(readFileSync(join(written(folder), 'evaluation.json'), 'utf8')).toBe(former);
  });
});

describe('an evaluation warns', () => {
  const codesOf = async (...given: Parameters<typeof bench>) => {
    const { request } = await bench(...given);
    const { warnings } = await evaluateModel(request);
    return warnings
      .filter(({ code }) => code !== 'few-rows')
      .map(({ code, message }) => `${code}: ${message}`);
  };

  it('of one class alone, and of metrics that are not defined then', async () => {
    const { request } = await bench('binary', `${fourRows} WHERE target = 'no'`, binaryColumns);
    const { metrics, warnings } = await evaluateModel(request);
    expect(metrics['roc-auc']).toBeNull();
    expect(warnings[1]).toEqual({
      code: 'one-class',
      message:
        'All rows of d:test are of the class "no", so metrics that tell classes apart are not defined.',
    });
  });

  it('of a class that does not occur and one that is never predicted', async () => {
    const rows = values('first, second, target', `(3.0, -1.0, 'a')`, `(-1.0, 3.0, 'b')`);
    expect(await codesOf('multiclass', rows, twoNumbers('string'))).toEqual([
      'absent-class: No row of d:test is of the class "c", so nothing is said of it.',
      'never-predicted: The model never predicts "c".',
    ]);
  });

  it('of a constant target, equal scores and predictions of another size', async () => {
    const constant = values('first, second, target', '(1.0, 0.0, 5.0)', '(1.0, 0.0, 5.0)');
    expect(await codesOf('regression', constant, twoNumbers('number'), { autoSlices: false })).toEqual([
      'constant-target: The target has the value 5 in all rows of d:test, so R² is not defined and a constant would be right.',
      'equal-scores: The model gives every row of d:test the same score, 3: it ignores its features.',
    ]);
    const far = values('first, second, target', '(1000.0, 0.0, 5.0)', '(1.0, 0.0, 6.0)');
    expect(await codesOf('regression', far, twoNumbers('number'), { autoSlices: false })).toEqual([
      'score-range: Predictions reach from 3 to 2001, the targets from 5 to 6: perhaps the model gives another unit.',
    ]);
  });

  it('of a slice that is missing in every row', async () => {
    const evaluation = { slices: [{ name: 'far', sql: 'CASE WHEN amount > 99 THEN 1 END' }] };
    expect(await codesOf('binary', fourRows, binaryColumns, { ...evaluation, autoSlices: false })).toEqual([
      'empty-slice: "far" is missing in every row of d:test, so it divides nothing.',
    ]);
  });
});
