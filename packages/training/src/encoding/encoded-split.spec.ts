import '@tensorflow/tfjs-backend-cpu';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { dirSync } from 'tmp';
import { env, train, type Tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { Column } from '@nx-mlops/core';
import { TrainingRun } from '../run/training-run';
import { writeRun, type Fixture } from '../../test/run-fixture';

env().set('IS_TEST', true);

const columns: Column[] = [
  { name: 'x', type: 'number' },
  { name: 's', type: 'string' },
  { name: 'y', type: 'string' },
];

async function runOf(fixture: Partial<Fixture>): Promise<TrainingRun> {
  const directory = dirSync({ unsafeCleanup: true }).name;
  return new TrainingRun(
    await writeRun(directory, {
      columns,
      target: 'y',
      task: 'multiclass-classification',
      classes: ['a', 'b', 'c'],
      rows: [
        { x: 1, s: 'u', y: 'b' },
        { x: null, s: null, y: 'a' },
        { x: 100, s: 'u', y: null },
        { x: 3, s: 'w', y: 'c' },
      ],
      ...fixture,
    }),
  );
}

describe('readEncoded', () => {
  test('gives features and targets as numbers, without the rows that have no target', async () => {
    const run = await runOf({});
    const encoder = await run.fitEncoder('train');
    const data = await run.readEncoded('train', encoder);
    expect(encoder.featureNames).toEqual(['x', 'x (missing)', 's = ', 's = u', 's = w']);
    expect(data.encode()).toEqual([Float32Array.from([-1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1])]);
    expect([...data.y]).toEqual([1, 0, 2]);
  });

  test.each<[string, Column['type'], Fixture['classes'], readonly (number | boolean)[], number[]]>([
    ['booleans', 'boolean', [false, true], [true, false], [1, 0]],
    ['integers', 'integer', [5, 3], [3, 5], [1, 0]],
  ])('finds %s among the classes', async (_what, type, classes, labels, places) => {
    const run = await runOf({
      task: 'binary-classification',
      classes,
      columns: [columns[0] as Column, { name: 'y', type }],
      rows: labels.map((y) => ({ x: 1, y })),
    });
    const data = await run.readEncoded('train', await run.fitEncoder('train'));
    expect([...data.y]).toEqual(places);
  });

  test('scales the target of a regression', async () => {
    const run = await runOf({
      task: 'regression',
      columns: [columns[0] as Column, { name: 'y', type: 'number' }],
      rows: [10, 30].map((y) => ({ x: 1, y })),
    });
    const data = await run.readEncoded('train', await run.fitEncoder('train'));
    expect([...data.y]).toEqual([-1, 1]);
  });

  test('refuses a label that the training split does not have', async () => {
    const run = await runOf({ validation: [{ x: 1, s: 'u', y: 'z' }] });
    await expect(run.readEncoded('validation', await run.fitEncoder('train'))).rejects.toThrow(
      'The split "data:validation" has the label "z" in "y", which the training split does not have (a, b, c).',
    );
  });

  test.each<[string, Partial<Fixture>, string]>([
    ['one class', { classes: ['a'] }, 'The target "y" has 1 class in the training split'],
    ['three classes for two', { task: 'binary-classification' }, 'a binary classification needs 2'],
    ['strings for numbers', { task: 'custom' }, 'The target "y" holds strings'],
  ])('refuses %s', async (_what, fixture, message) => {
    const run = await runOf(fixture);
    const encoder = await run.fitEncoder('train');
    await expect(run.readEncoded('train', encoder)).rejects.toThrow(message);
  });
});

describe('readEncoded, of many rows', () => {
  test('needs no object a row: 1.5 million rows fit into a heap of 96 MB', async () => {
    const path = join(dirSync({ unsafeCleanup: true }).name, 'many.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(
      `COPY (SELECT random() AS a, range AS b, 'category ' || range % 50 AS s, range % 7 AS y FROM range(1500000)) TO '${path}' (FORMAT parquet)`,
    );
    const test = join(__dirname, '../../test');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=96', '--import', 'tsx', join(test, 'read-many-rows.ts'), path, '1500000'],
      {
        cwd: test,
        env: { ...process.env, TSX_TSCONFIG_PATH: join(test, '../examples/tsconfig.json') },
      },
    );
    expect(stdout).toBe('1500000 rows');
  }, 120_000);
});

describe('EncodedSplit', () => {
  async function numbered(rows = 10) {
    const run = await runOf({
      task: 'regression',
      columns: [columns[0] as Column, { name: 'y', type: 'number' }],
      rows: Array.from({ length: rows }, (_, i) => ({ x: i, y: i })),
    });
    const encoder = await run.fitEncoder('train', { scaleTarget: false });
    return { run, encoder, data: await run.readEncoded('train', encoder) };
  }

  async function epochOf(dataset: ReturnType<Awaited<ReturnType<typeof numbered>>['data']['batches']>) {
    const iterator = await dataset.iterator();
    const batches: number[][] = [];
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return batches;
      batches.push([...((await value.ys.data()) as Float32Array)]);
    }
  }

  test('gives every row once an epoch, in another order each, the same in each run', async () => {
    const { data } = await numbered();
    const first = data.batches({ batchSize: 4, seed: 7 });
    const epochs = [await epochOf(first), await epochOf(first)];
    expect(epochs[0]?.map((batch) => batch.length)).toEqual([4, 4, 2]);
    for (const epoch of epochs) expect(epoch.flat().sort((a, b) => a - b)).toEqual([...data.y]);
    expect(epochs[1]).not.toEqual(epochs[0]);
    const second = data.batches({ batchSize: 4, seed: 7 });
    expect([await epochOf(second), await epochOf(second)]).toEqual(epochs);
  });

  test('keeps the order of the file without a seed', async () => {
    const { data } = await numbered();
    expect((await epochOf(data.batches({ batchSize: 10 }))).flat()).toEqual([...data.y]);
  });

  test('is what fitDataset and fit take', async () => {
    const { run, encoder, data } = await numbered(64);
    const build = () => {
      const model = sequential({ layers: [layers.dense({ inputShape: [encoder.width], units: 1 })] });
      model.compile({ optimizer: train.sgd(0.001), loss: 'meanSquaredError' });
      return model;
    };
    const streamed = await build().fitDataset(data.batches({ batchSize: 8, seed: run.seed }), {
      epochs: 2,
      verbose: 0,
      callbacks: run.logEpochs(2),
    });
    expect(streamed.history['loss']).toHaveLength(2);
    const { xs, ys } = await data.tensors();
    const { history } = await build().fit(xs as Tensor, ys, { epochs: 1, verbose: 0 });
    expect(history['loss']).toHaveLength(1);
  });
});
