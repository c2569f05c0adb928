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
  modelConfigSchema,
  readManifest,
  sha256OfFile,
  type Column,
  type ModelManifest,
} from '@nx-mlops/core';
import { inspectModel, matchSignature } from '@nx-mlops/runtime';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../data/duckdb';
import { evaluateModel, type EvaluationRequest } from './evaluate';

tmp.setGracefulCleanup();

const fixtures = join(__dirname, '../../../runtime/src/fixtures');

/** A model of the fixtures, as its config and manifest would say. See tools/golden/make-onnx-fixtures.py. */
const models = {
  /** P(yes) = sigmoid(amount + code of origin), JFK is 1, LAX 2, others 0. */
  binary: {
    file: 'columns-binary-n.onnx',
    task: 'binary-classification',
    features: [
      { name: 'amount', type: 'number' },
      { name: 'origin', type: 'string' },
    ],
    classes: ['no', 'yes'] as ModelManifest['classes'],
  },
  /** softmax of [first, second, first + second]. */
  multiclass: {
    file: 'matrix-multiclass.onnx',
    task: 'multiclass-classification',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: ['a', 'b', 'c'] as ModelManifest['classes'],
  },
  /** 2 · first + 3 · second + 1. */
  regression: {
    file: 'matrix-regression.onnx',
    task: 'regression',
    features: [
      { name: 'first', type: 'number' },
      { name: 'second', type: 'number' },
    ],
    classes: undefined,
  },
} satisfies Record<
  string,
  { file: string; task: ModelManifest['task']; features: Column[]; classes: ModelManifest['classes'] }
>;

interface Bench {
  readonly folder: string;
  readonly request: EvaluationRequest;
  readonly printed: string[];
  readonly abort: AbortController;
}

/** A project with a trained model and a test split made by a SQL query. */
async function bench(
  kind: keyof typeof models,
  rows: string,
  columns: Column[],
  evaluation: object = {},
  config: object = {},
): Promise<Bench> {
  const { file, task, features, classes } = models[kind];
  const workspaceRoot = tmp.dirSync({ unsafeCleanup: true }).name;
  const folder = join(workspaceRoot, 'ml', 'model');
  const modelFolder = join(folder, '.mlops', 'model');
  mkdirSync(modelFolder, { recursive: true });
  const modelFile = join(modelFolder, 'model.onnx');
  copyFileSync(join(fixtures, file), modelFile);
  const { inputs, outputs } = await inspectModel(modelFile);
  const manifest: ModelManifest = {
    version: 1,
    model: 'late',
    task,
    file: { sha256: await sha256OfFile(modelFile), size: statSync(modelFile).size },
    features,
    target: 'target',
    classes,
    ...matchSignature({ inputs, outputs, features, task, classes }),
    inputs,
    outputs,
    datasets: {},
  };
  writeFileSync(join(modelFolder, 'model.manifest.json'), canonicalJson(manifest));

  const path = join(workspaceRoot, 'test.parquet');
  const count = await withDuckDb({}, async (connection) => {
    await connection.run(`COPY (${rows}) TO ${sqlString(path)} (FORMAT parquet)`);
    const reader = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${sqlString(path)})`);
    return Number(reader.getRows()[0]?.[0]);
  });
  const printed: string[] = [];
  const abort = new AbortController();
  const request: EvaluationRequest = {
    project: { workspaceRoot, name: 'late', root: 'ml/model', folder },
    config: modelConfigSchema.parse({
      task,
      datasets: { train: 'd:train', test: 'd:test' },
      features: features.map(({ name }) => name),
      target: 'target',
      training: { entry: 'train.js' },
      evaluation,
      ...config,
    }),
    test: {
      path,
      manifest: {
        version: 1,
        dataset: 'd',
        split: 'test',
        file: { sha256: 'b'.repeat(64), size: 1 },
        rows: count,
        columns,
      },
    },
    signal: abort.signal,
    print: (line) => printed.push(line),
  };
  return { folder, request, printed, abort };
}

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
  it('of a binary classification gives metrics, baseline, confusion, slices and charts', async () => {
    const { folder, request, printed } = await bench('binary', fourRows, binaryColumns, {
      slices: ['origin'],
    });
    const evaluation = await evaluateModel(request);
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
    expect(evaluation.slices.map(({ value, rows }) => [value, rows])).toEqual([
      ['JFK', 1],
      ['LAX', 1],
      ['XXX', 1],
      [null, 1],
    ]);
    expect(evaluation.slices[0]?.metrics).toMatchObject({ 'roc-auc': null, accuracy: 1 });
    expect(readdirSync(written(folder)).sort()).toEqual([
      'calibration.svg',
      'confusion.svg',
      'evaluation.json',
      'precision-recall.svg',
      'roc.svg',
    ]);
    const file = join(written(folder), 'evaluation.json');
    expect(await readManifest(file, evaluationSchema, 'evaluate')).toEqual(evaluation);
    expect(printed.join('\n')).toMatch(
      /metric +value +baseline \(class-prior\)\n-+ .*\nroc-auc +0\.6667 +0\.5/,
    );
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
    expect(evaluation.charts.map(({ file }) => file)).toEqual(['confusion.svg']);
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
    });
    const evaluation = await evaluateModel(request);
    expect(evaluation.metrics).toEqual({ mae: 0.75, 'mean-error': -0.25 });
    expect(evaluation.slices).toEqual([
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
    const { request, printed } = await bench('regression', rows, columns, { slices: ['part'] });
    const { slices } = await evaluateModel(request);
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
      const { folder, request } = await bench('binary', rows, binaryColumns, evaluation, config);
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
    copyFileSync(join(fixtures, 'columns-binary-n1.onnx'), join(folder, '.mlops', 'model', 'model.onnx'));
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
});
