import type { Column } from '@nx-mlops/core';
import type { ColumnBatch } from '@nx-mlops/runtime';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { sqlString, withDuckDb } from './duckdb';
import { readColumnBatches } from './read-column-batches';

tmp.setGracefulCleanup();

describe('readColumnBatches', () => {
  let file: string;
  const write = (query: string) =>
    withDuckDb({}, (connection) =>
      connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`),
    );
  const read = async (columns: Column[], batchRows = 1000, signal?: AbortSignal) => {
    const batches: ColumnBatch[] = [];
    for await (const batch of readColumnBatches(file, columns, { batchRows, signal })) batches.push(batch);
    return batches;
  };

  beforeEach(() => {
    file = join(tmp.dirSync({ unsafeCleanup: true }).name, "it's data.parquet");
  });

  it('gives each type in its form, with NaN or null for what is missing', async () => {
    await write(
      `SELECT * FROM (VALUES
        (1::BIGINT, 0.1::DOUBLE, 'a', true, DATE '2001-02-03', TIMESTAMP '2001-02-03 04:05:06'),
        (NULL, NULL, NULL, NULL, NULL, NULL)) t(i, n, s, b, d, t)`,
    );
    const [batch] = await read([
      { name: 'i', type: 'integer' },
      { name: 'n', type: 'number' },
      { name: 's', type: 'string' },
      { name: 'b', type: 'boolean' },
      { name: 'd', type: 'date' },
      { name: 't', type: 'datetime' },
    ]);
    expect(batch).toEqual({
      rows: 2,
      columns: {
        i: Float64Array.of(1, NaN),
        n: Float64Array.of(0.1, NaN),
        s: ['a', null],
        b: Float32Array.of(1, NaN),
        d: ['2001-02-03', null],
        t: ['2001-02-03 04:05:06', null],
      },
    });
  });

  it('gives every text as it is, whether a column has few distinct values or many', async () => {
    const odd = ['', ' ', "it's", '"', 'Zürich', '日本', '👍', 'a,b', 'NULL', null];
    const list = odd.map((text) => (text === null ? 'NULL' : sqlString(text))).join(', ');
    await write(
      `SELECT [${list}][1 + range % ${odd.length}] AS few, 'v' || range AS many, 'a' || chr(0) || 'b' AS zero FROM range(10000)`,
    );
    const batches = await read(['few', 'many', 'zero'].map((name) => ({ name, type: 'string' })));
    const column = (name: string) => batches.flatMap((batch) => [...(batch.columns[name] as string[])]);
    const rows = Array.from({ length: 10_000 }, (_, index) => index);
    expect(column('few')).toEqual(rows.map((row) => odd[row % odd.length]));
    expect(column('many')).toEqual(rows.map((row) => `v${row}`));
    expect(new Set(column('zero'))).toEqual(new Set(['a\0b']));
  });

  it.each([1, 7, 2048, 3000, 100_000])('keeps the order of the rows in batches of %p', async (batchRows) => {
    await write('SELECT range AS i FROM range(20000)');
    const rows = batchRows === 1 ? 300 : 20_000;
    if (batchRows === 1) await write(`SELECT range AS i FROM range(${rows})`);
    const batches = await read([{ name: 'i', type: 'integer' }], batchRows);
    expect(batches.slice(0, -1).every((batch) => batch.rows === batchRows)).toBe(true);
    const values = batches.flatMap((batch) => [...(batch.columns['i'] as Float64Array)]);
    expect(values).toEqual(Array.from({ length: rows }, (_, index) => index));
  });

  it('reads only the columns that are asked for, in any order', async () => {
    await write('SELECT 1 AS a, 2 AS b, \'x\' AS "a column"');
    const [batch] = await read([
      { name: 'a column', type: 'string' },
      { name: 'a', type: 'number' },
    ]);
    expect(batch?.columns).toEqual({ 'a column': ['x'], a: Float64Array.of(1) });
  });

  it('yields nothing for a file without rows', async () => {
    await write('SELECT 1 AS i WHERE false');
    expect(await read([{ name: 'i', type: 'integer' }])).toEqual([]);
  });

  it('stops between batches when the signal aborts, with its reason', async () => {
    await write('SELECT range AS i FROM range(200000)');
    const abort = new AbortController();
    const reason = new Error('stopped by a test');
    const reading = async () => {
      for await (const batch of readColumnBatches(file, [{ name: 'i', type: 'integer' }], {
        batchRows: 1000,
        signal: abort.signal,
      })) {
        expect(batch.rows).toBe(1000);
        abort.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
  });

  it('may be left early', async () => {
    await write('SELECT range AS i FROM range(200000)');
    for await (const batch of readColumnBatches(file, [{ name: 'i', type: 'integer' }], { batchRows: 10 })) {
      expect(batch.rows).toBe(10);
      break;
    }
  });

  it.each([
    ['no Parquet file', async () => writeFileSync(file, 'not parquet at all'), 'i'],
    ['a file without the column', () => write('SELECT 1 AS i'), 'j'],
    ['a file that is not there', async () => undefined, 'i'],
  ])('names %s', async (_, make, name) => {
    await make();
    await expect(read([{ name, type: 'integer' }])).rejects.toMatchObject({
      code: 'MLOPS_SPLIT_UNREADABLE',
      location: { file },
    });
  });
});
