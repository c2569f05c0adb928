import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { dirSync } from 'tmp';
import type { ColumnBatch } from '../column-batch';
import { fixtureFile, fixtureManifest, loadFixture, type FixtureName } from '../testing/load-fixture';
import { loadModel } from './load-model';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

const amountAndOrigin: ColumnBatch = {
  rows: 4,
  columns: { amount: Float32Array.of(0, -1, 2, 0.5), origin: ['?', 'JFK', 'LAX', null] },
};
const positive = [0.5, 0.5, sigmoid(4), sigmoid(0.5)];
const twoNumbers: ColumnBatch = {
  rows: 2,
  columns: { first: Float64Array.of(1, -1), second: Int32Array.of(10, 0), unused: ['a', 'b'] },
};
const softmax = (logits: readonly number[]) => {
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / total);
};

describe('predict', () => {
  it.each<[string, FixtureName, ColumnBatch, readonly number[]]>([
    ['binary, columns [N], scores [N]', 'columns-binary-n', amountAndOrigin, positive],
    ['binary, columns [N, 1], scores [N, 1]', 'columns-binary-n1', amountAndOrigin, positive],
    [
      'binary, scores [N, 2] beside a label, as skl2onnx writes',
      'skl2onnx-binary',
      amountAndOrigin,
      positive,
    ],
    ['regression, matrix', 'matrix-regression', twoNumbers, [33, -1]],
    [
      'multiclass, row-major',
      'matrix-multiclass',
      twoNumbers,
      [...softmax([1, 10, 11]), ...softmax([-1, 0, -1])],
    ],
    [
      'int64, bool, int8 and float64 inputs',
      'columns-mixed',
      {
        rows: 2,
        columns: {
          count: BigInt64Array.of(3n, -4n),
          flag: [true, false],
          level: Float32Array.of(2, -1),
          price: Float32Array.of(0.5, 0.25),
        },
      },
      [213.5, -103.75],
    ],
  ])('gives the scores of %s', async (_what, name, batch, expected) => {
    const model = await loadFixture(name);
    const scores = await model.predict(batch);
    expect(Array.from(scores)).toEqual(close(expected));
    await model.release();
  });

  it('gives no scores for no rows', async () => {
    const model = await loadFixture('columns-binary-n');
    expect(await model.predict({ rows: 0, columns: {} })).toHaveLength(0);
    await model.release();
  });

  it('gives each of overlapping batches its own scores', async () => {
    const model = await loadFixture('matrix-regression');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 12 }),
        async (sizes) => {
          const batches = sizes.map((rows, index) => ({
            rows,
            columns: {
              first: Float32Array.from({ length: rows }, (_, row) => row + index),
              second: Float32Array.from({ length: rows }, () => index),
            },
          }));
          const scores = await Promise.all(batches.map((batch) => model.predict(batch)));
          scores.forEach((answer, index) => {
            expect(Array.from(answer)).toEqual(
              Array.from({ length: sizes[index] as number }, (_, row) => 2 * (row + index) + 3 * index + 1),
            );
          });
        },
      ),
      { numRuns: 25 },
    );
    await model.release();
  });

  it('leaves nothing of a longer batch of strings in a shorter one', async () => {
    const model = await loadFixture('columns-binary-n');
    const zeros = (rows: number) => new Float32Array(rows);
    await model.predict({ rows: 3, columns: { amount: zeros(3), origin: ['LAX', 'LAX', 'LAX'] } });
    const scores = await model.predict({ rows: 2, columns: { amount: zeros(2), origin: [null, null] } });
    expect(Array.from(scores)).toEqual([0.5, 0.5]);
    await model.release();
  });

  it.each<[string, ColumnBatch, string, RegExp]>([
    [
      'lacks a column',
      { rows: 1, columns: { amount: Float32Array.of(1), orign: ['JFK'] } },
      'MLOPS_BATCH_COLUMN',
      /no column "origin".*Did you mean "orign"/,
    ],
    [
      'has a column of another length',
      { rows: 2, columns: { amount: Float32Array.of(1), origin: ['JFK', 'LAX'] } },
      'MLOPS_BATCH_COLUMN',
      /"amount" holds 1 values.*2 rows/,
    ],
    [
      'has strings for numbers',
      { rows: 1, columns: { amount: ['one'], origin: ['JFK'] } },
      'MLOPS_BATCH_COLUMN',
      /"amount" came as an array of strings.*takes numbers/,
    ],
    [
      'has numbers for strings',
      { rows: 1, columns: { amount: Float32Array.of(1), origin: Float32Array.of(1) } },
      'MLOPS_BATCH_COLUMN',
      /"origin" came as Float32Array.*takes strings/,
    ],
  ])('says what is wrong with a batch that %s', async (_what, batch, code, message) => {
    const model = await loadFixture('columns-binary-n');
    await expect(model.predict(batch)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(Array.from(await model.predict(amountAndOrigin))).toEqual(close(positive));
    await model.release();
  });

  it('passes on what ONNX Runtime says when it fails', async () => {
    const model = await loadFixture('table-lookup');
    await expect(model.predict({ rows: 1, columns: { row: Int32Array.of(7) } })).rejects.toMatchObject({
      code: 'MLOPS_PREDICTION_FAILED',
      message: expect.stringMatching(/table-lookup.*indices/s),
    });
    expect(Array.from(await model.predict({ rows: 1, columns: { row: Int32Array.of(2) } }))).toEqual([30]);
    await model.release();
  });

  it('refuses a custom task, whose tensors go through run', async () => {
    const model = await loadFixture('echo');
    await expect(model.predict({ rows: 1, columns: {} })).rejects.toMatchObject({
      code: 'MLOPS_MODEL_NO_SCORES',
    });
    await model.release();
  });
});

describe('run', () => {
  it('gives the outputs asked for, or all tensors', async () => {
    const model = await loadFixture('skl2onnx-binary');
    const feeds = {
      amount: { type: 'float32', dims: [1, 1], data: Float32Array.of(3) },
      origin: { type: 'string', dims: [1, 1], data: ['JFK'] },
    } as const;
    const all = await model.run({ ...feeds, origin: { ...feeds.origin, data: ['JFK'] } });
    expect(Object.keys(all)).toEqual(['label', 'probabilities']);
    expect(all['label']).toEqual({ type: 'int64', dims: [1], data: BigInt64Array.of(1n) });
    const some = await model.run({ ...feeds, origin: { ...feeds.origin, data: ['JFK'] } }, ['label']);
    expect(Object.keys(some)).toEqual(['label']);
    await model.release();
  });
});

describe('release', () => {
  it('waits for predictions under way and refuses later ones', async () => {
    const model = await loadFixture('plus-1');
    const underWay = model.predict({ rows: 1, columns: { x: Float32Array.of(1) } });
    const released = model.release();
    expect(Array.from(await underWay)).toEqual([2]);
    await released;
    await model.release();
    await expect(model.predict({ rows: 1, columns: { x: Float32Array.of(1) } })).rejects.toMatchObject({
      code: 'MLOPS_MODEL_RELEASED',
    });
  });
});

describe('loadModel', () => {
  const folder = dirSync({ unsafeCleanup: true });
  afterAll(() => folder.removeCallback());

  it('refuses a file that is not the one of the manifest, with both digests and the way out', async () => {
    const manifest = await fixtureManifest('plus-1');
    const file = join(folder.name, 'model.onnx');
    writeFileSync(file, readFileSync(fixtureFile('plus-2')));
    const { file: other } = await fixtureManifest('plus-2');
    const refusal = await loadModel({ file, manifest }).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: 'MLOPS_MODEL_CORRUPT' });
    for (const part of [file, manifest.file.sha256, other.sha256, '--skip-nx-cache']) {
      expect((refusal as Error).message).toContain(part);
    }
  });

  it('takes a damaged file for corrupt before ONNX Runtime sees it', async () => {
    const file = join(folder.name, 'empty.onnx');
    writeFileSync(file, '');
    await expect(loadModel({ file, manifest: await fixtureManifest('plus-1') })).rejects.toMatchObject({
      code: 'MLOPS_MODEL_CORRUPT',
    });
  });
});
