import type { Column } from '@nx-mlops/core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { sqlString, withDuckDb } from './duckdb';
import { SplitFile, type BatchesOptions, type CodedBatch } from './split-file';

tmp.setGracefulCleanup();

describe('the file of a split', () => {
  let file: string;
  const write = (query: string) =>
    withDuckDb({}, (connection) =>
      connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`),
    );
  const withSplit = async <Result>(work: (split: SplitFile) => Promise<Result>, signal?: AbortSignal) => {
    const split = await SplitFile.open(file, { signal });
    try {
      return await work(split);
    } finally {
      await split.close();
    }
  };
  const batchesOf = async (split: SplitFile, columns: Column[], options: BatchesOptions) => {
    const batches: CodedBatch[] = [];
    for await (const batch of split.batches(columns, options)) batches.push(batch);
    return batches;
  };
  const read = (columns: Column[], batchRows = 1000) =>
    withSplit((split) => batchesOf(split, columns, { batchRows }));

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
      texts: { s: { codes: Uint8Array.of(0, 1), values: ['a', null] } },
      codes: [],
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
    const reading = withSplit(async (split) => {
      for await (const batch of split.batches([{ name: 'i', type: 'integer' }], { batchRows: 1000 })) {
        expect(batch.rows).toBe(1000);
        abort.abort(reason);
      }
    }, abort.signal);
    await expect(reading).rejects.toBe(reason);
  });

  it('may be left early', async () => {
    await write('SELECT range AS i FROM range(200000)');
    await withSplit(async (split) => {
      for await (const batch of split.batches([{ name: 'i', type: 'integer' }], { batchRows: 10 })) {
        expect(batch.rows).toBe(10);
        break;
      }
    });
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

  describe('read as codes', () => {
    const where = { file: 'ml/a/model.config.json', path: 'evaluation.slices[0].sql' };
    const decoded = (sql: string, most = 100, batchRows = 1000) =>
      withSplit(async (split) => {
        const coded = await split.encodeExpression(sql, most, where);
        if (coded === undefined) return undefined;
        const batches = await batchesOf(split, [], { batchRows, coded: [coded] });
        const codes = batches.flatMap((batch) => Array.from(batch.codes[0] as Uint8Array));
        return { ...coded, rows: codes.map((code) => coded.values[code]) };
      });

    it.each([
      ['text', `s`, ['b', 'a', null, 'b', 'b'], ['b', 'a', null]],
      ['whole numbers', 'i', [3, 1, 3, null, 3], [3, 1, null]],
      ['fractions, NaN as missing', 'n', [0.1, null, 0.5, 0.1, 0.1], [0.1, 0.5, null]],
      ['booleans', 'i > 2', [true, false, true, null, true], [true, false, null]],
      ['dates', 'd', Array(5).fill('2001-02-03'), ['2001-02-03']],
      ['nothing but missing values', 'NULL', Array(5).fill(null), [null]],
      ['an expression that ends in a comment', 'i -- the id', [3, 1, 3, null, 3], [3, 1, null]],
    ])('%s', async (_what, sql, rows, values) => {
      await write(
        `SELECT * FROM (VALUES
          ('b', 3, 0.1::DOUBLE, DATE '2001-02-03'),
          ('a', 1, 'NaN'::DOUBLE, DATE '2001-02-03'),
          (NULL, 3, 0.5, DATE '2001-02-03'),
          ('b', NULL, 0.1, DATE '2001-02-03'),
          ('b', 3, 0.1, DATE '2001-02-03')) t(s, i, n, d)`,
      );
      const read = await decoded(sql, 100, 2);
      expect(read?.rows).toEqual(rows);
      expect(read?.values).toEqual(values);
      expect(read?.counts).toEqual(values.map((value) => rows.filter((row) => row === value).length));
    });

    it.each([1, 255, 256, 257, 3000, 65_537])('%i values of odd text', async (count) => {
      await write(`SELECT chr(0) || '''v"' || (range % ${count}) AS s FROM range(70000)`);
      const read = await decoded('s', 100_000);
      expect(read?.values).toHaveLength(count);
      expect(read?.rows).toEqual(Array.from({ length: 70_000 }, (_, row) => `\0'v"${row % count}`));
    });

    it('none when there are more values than allowed', async () => {
      await write('SELECT range AS i FROM range(11)');
      expect(await decoded('i', 10)).toBeUndefined();
      expect((await decoded('i', 11))?.values).toHaveLength(11);
    });

    it('in the same read as the columns, also those that they are made of', async () => {
      await write(`SELECT 'v' || (range % 3) AS s, range AS i FROM range(9000)`);
      await withSplit(async (split) => {
        const coded = [
          await split.encodeColumn({ name: 's' }, 10),
          await split.encodeExpression('i % 2 = 0', 10, where),
        ].filter((entry) => entry !== undefined);
        const batches = await batchesOf(
          split,
          [
            { name: 's', type: 'string' },
            { name: 'i', type: 'integer' },
          ],
          { batchRows: 4000, coded },
        );
        expect(batches.map(({ rows }) => rows)).toEqual([4000, 4000, 1000]);
        const row = 2500;
        const batch = batches[1];
        expect(batch?.columns['i']?.[row]).toBe(6500);
        expect(batch?.columns['s']?.[row]).toBe('v2');
        expect(coded[0]?.values[batch?.codes[0]?.[row] as number]).toBe('v2');
        expect(coded[1]?.values[batch?.codes[1]?.[row] as number]).toBe(true);
      });
    });

    it.each([
      ['is no SQL', 'distance >', /Parser Error/],
      ['names a column that is not there', 'distnce > 5', /"distnce" not found/],
      ['gives one value for all', 'max(distance)', /gives 1 values for 3 rows/],
      ['fails on a row', `CAST('x' || distance AS INTEGER)`, /Could not convert string/],
      ['reads another file', `(SELECT count(*) FROM read_text('/etc/hostname'))`, /Cannot access file/],
      [
        'would let itself read other files',
        `1; SET enable_external_access = true; SELECT (1`,
        /Parser Error|syntax error|locked/,
      ],
    ])('tells of an expression that %s', async (_what, sql, message) => {
      await write('SELECT range AS distance FROM range(3)');
      const failure: unknown = await decoded(sql).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'MLOPS_SLICE_SQL', location: where });
      expect((failure as Error).message).toMatch(message);
      expect((failure as Error).message).not.toContain('\n');
    });
  });
});
