import { goldenSchema, type Column, type Golden, type ModelManifest } from '@nx-mlops/core';
import type { ColumnBatch, LoadedModel } from '@nx-mlops/runtime';
import fc from 'fast-check';
import type { LocalSplit } from '../training/project-folder';
import { GoldenRows } from './golden-rows';

const features: Column[] = [
  { name: 'amount', type: 'number' },
  { name: 'count', type: 'integer' },
  { name: 'flag', type: 'boolean' },
  { name: 'origin', type: 'string' },
];
const test = {
  manifest: { dataset: 'd', split: 'test', file: { sha256: 'b'.repeat(64), size: 1 } },
} as unknown as LocalSplit;

/** Answers with the amount, twice the amount; remembers what it was asked. */
function modelOf(asked: ColumnBatch[] = []): LoadedModel {
  return {
    manifest: { model: 'late', file: { sha256: 'a'.repeat(64), size: 1 } } as ModelManifest,
    predict: async (batch: ColumnBatch) => {
      asked.push(batch);
      const amounts = batch.columns['amount'] as Float64Array;
      return Float64Array.from({ length: 2 * batch.rows }, (_, at) => {
        return (amounts[Math.floor(at / 2)] as number) * (1 + (at % 2));
      });
    },
    run: () => Promise.reject(new Error('not asked for')),
    release: () => Promise.resolve(),
  };
}

interface Row {
  readonly amount: number;
  readonly count: number;
  readonly flag: number;
  readonly origin: string | null;
}

const plain = (row: number): Row => ({ amount: row, count: 1, flag: 0, origin: 'JFK' });

async function goldenOf(rows: readonly Row[], batchRows: number, asked?: ColumnBatch[]): Promise<Golden> {
  const golden = new GoldenRows(features, rows.length);
  for (let offset = 0; offset < rows.length; offset += batchRows) {
    const part = rows.slice(offset, offset + batchRows);
    golden.take(
      {
        rows: part.length,
        columns: {
          amount: Float64Array.from(part, ({ amount }) => amount),
          count: Float64Array.from(part, ({ count }) => count),
          flag: Float32Array.from(part, ({ flag }) => flag),
          origin: part.map(({ origin }) => origin),
        },
      },
      offset,
    );
  }
  return golden.answeredBy(modelOf(asked), test);
}

const numbers = ({ rows }: Golden) => rows.map(({ row }) => row);

it('are all rows of a small split', async () => {
  const golden = await goldenOf(
    Array.from({ length: 16 }, (_, row) => plain(row)),
    5,
  );
  expect(numbers(golden)).toEqual(Array.from({ length: 16 }, (_, row) => row));
});

it('are spread over a large one', async () => {
  const golden = await goldenOf(
    Array.from({ length: 16_000 }, (_, row) => plain(row)),
    4096,
  );
  // One row for each category: here the first, for its origin and its flag.
  expect(numbers(golden)[0]).toBe(0);
  const spread = numbers(golden).slice(1);
  expect(spread).toHaveLength(15);
  spread.forEach((row, index) => expect(row).toBe(Math.floor(((index + 0.5) * 16_000) / 15)));
});

it('have missing values and categories that are found early', async () => {
  const rows = Array.from({ length: 4000 }, (_, row) => plain(row));
  rows[11] = { ...plain(11), amount: NaN };
  rows[12] = { ...plain(12), amount: NaN };
  rows[13] = { ...plain(13), origin: null };
  rows[17] = { ...plain(17), origin: 'LAX' };
  rows[19] = { ...plain(19), flag: 1 };
  const chosen = numbers(await goldenOf(rows, 4000));
  for (const row of [11, 13, 17, 19]) expect(chosen).toContain(row);
  expect(chosen).not.toContain(12);
});

it('are kept as JSON can hold them, and asked of the model as they were', async () => {
  const asked: ColumnBatch[] = [];
  const rows: Row[] = [
    { amount: 0.1, count: 3, flag: 1, origin: 'JFK' },
    { amount: NaN, count: NaN, flag: NaN, origin: null },
    { amount: Infinity, count: -Infinity, flag: 0, origin: '' },
  ];
  const golden = await goldenOf(rows, 2, asked);
  expect(goldenSchema.parse(JSON.parse(JSON.stringify(golden)))).toEqual(golden);
  expect(golden.rows).toEqual([
    { row: 0, values: [0.1, 3, true, 'JFK'], scores: [0.1, 0.2] },
    { row: 1, values: [null, null, null, null], scores: [null, null] },
    { row: 2, values: ['Infinity', '-Infinity', false, ''], scores: ['Infinity', 'Infinity'] },
  ]);
  expect(asked).toEqual([
    {
      rows: 3,
      columns: {
        amount: Float64Array.of(0.1, NaN, Infinity),
        count: Float64Array.of(3, NaN, -Infinity),
        flag: Float32Array.of(1, NaN, 0),
        origin: ['JFK', null, ''],
      },
    },
  ]);
});

it('are few, in order, each once, and the same each time', async () => {
  const value = fc.constantFrom(NaN, 0, 1, 2.5);
  const row = fc.record({
    amount: value,
    count: value,
    flag: fc.constantFrom(NaN, 0, 1),
    origin: fc.constantFrom(null, 'JFK', 'LAX', 'SFO'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 200 }), async (rows) => {
      const golden = await goldenOf(rows, 8192);
      const chosen = numbers(golden);
      expect(chosen.length).toBeLessThanOrEqual(16);
      expect(chosen.length).toBeGreaterThanOrEqual(Math.min(rows.length, 8));
      expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
      expect(Math.max(...chosen)).toBeLessThan(rows.length);
      expect(await goldenOf(rows, 8192)).toEqual(golden);
    }),
    { numRuns: 50 },
  );
});
