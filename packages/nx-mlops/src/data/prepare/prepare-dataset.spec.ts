import { datasetManifestSchema, layout, readManifest, splitManifestSchema } from '@nx-mlops/core';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sqlString, withDuckDb } from '../duckdb';
import { rowGroupRows } from './write-parquet';
import { openStore } from '../store';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

const halves = { train: { where: 'id <= 5' }, test: { where: 'id > 5' } };
const everything = { all: { fraction: 1 } };

const preparedFolder = ({ project }: TemporaryDataset) => join(project.folder, layout.prepared);

async function pathOf({ project }: TemporaryDataset, sha256: string): Promise<string> {
  return (await openStore(project.workspaceRoot)).store.pathOf(sha256);
}

async function preparedRows(dataset: TemporaryDataset, split = 'all', columns = '*'): Promise<unknown[][]> {
  await dataset.lock();
  const manifest = await dataset.prepare();
  return parquetRows(await pathOf(dataset, manifest.splits[split]?.file.sha256 ?? ''), columns);
}

describe('prepareDataset', () => {
  it('writes the splits into the store and a manifest for each beside that of all', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'data/*.csv' } }, splits: halves },
      { 'data/1.csv': csvRows(1, 7), 'data/2.csv': csvRows(8, 10) },
    );
    await dataset.lock();
    const manifest = await dataset.prepare();
    expect(readdirSync(preparedFolder(dataset)).sort()).toEqual([
      'acme-flights.test.split.json',
      'acme-flights.train.split.json',
      'dataset.manifest.json',
    ]);
    const file = join(preparedFolder(dataset), 'dataset.manifest.json');
    expect(await readManifest(file, datasetManifestSchema, '')).toEqual(manifest);
    const train = join(preparedFolder(dataset), 'acme-flights.train.split.json');
    expect(await readManifest(train, splitManifestSchema, '')).toEqual(manifest.splits['train']);
    expect(manifest.splits['test']).toMatchObject({
      dataset: '@acme/flights',
      split: 'test',
      rows: 5,
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'name', type: 'string' },
        { name: 'amount', type: 'number' },
      ],
    });
    const rows = await parquetRows(await pathOf(dataset, manifest.splits['test']?.file.sha256 ?? ''), 'id');
    expect(rows.map(([id]) => Number(id))).toEqual([6, 7, 8, 9, 10]);
    expect(readFileSync(file, 'utf8')).not.toContain(dataset.project.workspaceRoot);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops', 'tmp'))).toEqual([]);
  });

  it('gives the same bytes each time, over many row groups and with groups in no stated order', async () => {
    const sql = 'SELECT id % 200000 AS id, avg(sqrt(id)) AS mean FROM raw GROUP BY 1';
    const digests = new Set<string>();
    for (let run = 0; run < 2; run += 1) {
      const dataset = temporaryDataset(
        {
          sources: { raw: { path: 'rows.parquet' } },
          prepare: { sql: 'prepare.sql' },
          splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
        },
        { 'prepare.sql': sql },
      );
      await withDuckDb({}, (connection) =>
        connection.run(
          `COPY (SELECT range AS id FROM range(300000)) TO ${sqlString(join(dataset.project.folder, 'rows.parquet'))}`,
        ),
      );
      await dataset.lock();
      const { splits } = await dataset.prepare();
      expect((splits['train']?.rows ?? 0) + (splits['test']?.rows ?? 0)).toBe(200_000);
      digests.add(JSON.stringify(splits));
    }
    expect(digests.size).toBe(1);
  });

  it('keeps the order of the query', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, prepare: { sql: 'p.sql' }, splits: everything },
      { 'x.csv': csvRows(1, 9), 'p.sql': 'FROM raw SELECT id ORDER BY id % 3, id DESC; -- done' },
    );
    expect((await preparedRows(dataset)).map(([id]) => Number(id))).toEqual([9, 6, 3, 7, 4, 1, 8, 5, 2]);
  });

  it('joins several sources of several formats', async () => {
    const dataset = temporaryDataset(
      {
        sources: { orders: { path: 'o.csv' }, 'order-lines': { path: 'l.jsonl' }, who: { path: 'w.json' } },
        prepare: { sql: 'sql/p.sql' },
        splits: everything,
      },
      {
        'o.csv': 'id;total\n1;2.5\n2;3\n',
        'l.jsonl': '{"order":1,"item":"a"}\n{"order":2,"item":"b"}\n',
        'w.json': '[{"id":1,"name":"x"},{"id":2,"name":null}]',
        'sql/p.sql':
          'SELECT o.id, total, item, name FROM orders o JOIN "order-lines" l ON l."order" = o.id JOIN who USING (id) ORDER BY o.id',
      },
    );
    expect(await preparedRows(dataset)).toEqual([
      ['1', 2.5, 'a', 'x'],
      ['2', 3, 'b', null],
    ]);
  });

  it('reads gzipped CSV', async () => {
    const dataset = temporaryDataset({ sources: { raw: { path: 'x.csv.gz' } }, splits: everything });
    dataset.write('x.csv.gz', gzipSync(csvRows(1, 3)));
    expect(await preparedRows(dataset, 'all', 'name')).toEqual([['n1'], ['n2'], ['n3']]);
  });

  it('takes the type of a CSV column from all its rows, not from the first ones', async () => {
    const late = `v\n${Array.from({ length: 25_000 }, (_, index) => index).join('\n')}\n0.5\n`;
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, splits: everything },
      { 'x.csv': late },
    );
    expect((await preparedRows(dataset, 'all', 'sum(v)'))[0]).toEqual([312_487_500.5]);
  });

  it('reads columns in the types that the source says', async () => {
    const dataset = temporaryDataset(
      {
        sources: { raw: { path: 'x.csv', types: { zip: 'string', n: 'number' } } },
        splits: everything,
      },
      { 'x.csv': 'zip,n\n01234,1\n99999,2\n' },
    );
    expect(await preparedRows(dataset, 'all', 'zip, typeof(n)')).toEqual([
      ['01234', 'DOUBLE'],
      ['99999', 'DOUBLE'],
    ]);
  });

  it('stores each column type in one form, NaN as missing', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, prepare: { sql: 'p.sql' }, splits: everything },
      {
        'x.csv': 'a\n1\n',
        'p.sql': `SELECT sum(a) AS big, 1::TINYINT AS tiny, 1.5::DECIMAL(9, 2) AS money, 1::FLOAT AS f, 'NaN'::DOUBLE AS nan,
          TIMESTAMPTZ '2001-02-03 04:05:06+01' AS zoned, 'x'::ENUM('x') AS e, CAST('00000000-0000-0000-0000-000000000001' AS UUID) AS u,
          DATE '2001-02-03' AS d, true AS b FROM raw`,
      },
    );
    await dataset.lock();
    const manifest = await dataset.prepare();
    const columns = Object.fromEntries(
      (manifest.splits['all']?.columns ?? []).map(({ name, type }) => [name, type]),
    );
    expect(columns).toEqual({
      big: 'integer',
      tiny: 'integer',
      money: 'number',
      f: 'number',
      nan: 'number',
      zoned: 'datetime',
      e: 'string',
      u: 'string',
      d: 'date',
      b: 'boolean',
    });
    const [row] = await parquetRows(
      await pathOf(dataset, manifest.splits['all']?.file.sha256 ?? ''),
      'typeof(big), typeof(tiny), typeof(f), nan, zoned::VARCHAR, typeof(e)',
    );
    expect(row).toEqual(['BIGINT', 'BIGINT', 'DOUBLE', null, '2001-02-03 03:05:06', 'VARCHAR']);
  });

  it('warns of SQL that gives other rows each time', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, prepare: { sql: 'p.sql' }, splits: everything },
      { 'x.csv': csvRows(1, 3), 'p.sql': 'SELECT id, random() AS r FROM raw' },
    );
    await dataset.lock();
    await dataset.prepare();
    expect(dataset.printed.join('\n')).toContain('warning: ml/late flights/p.sql uses random()');
  });

  describe.each([
    ['says to lock first', { lock: false }, 'MLOPS_LOCK_MISSING', 'nx run @acme/flights:lock'],
    ['names an empty file', { csv: '' }, 'MLOPS_SOURCE_BROKEN', 'x.csv: is empty'],
    [
      'names the line of a CSV file that has too few cells',
      { csv: 'id,name\n1,a\n2\n3,c\n' },
      'MLOPS_SOURCE_BROKEN',
      'x.csv: line 3 has 1 cell, the header has 2; the first that is missing is "name"',
    ],
    [
      'names the line of a CSV file that has too many cells, far down',
      { csv: `${csvRows(1, 30_000)}1,2,3,4\n` },
      'MLOPS_SOURCE_BROKEN',
      'line 30002 has 4 cells',
    ],
    [
      'names a split without rows',
      { splits: { none: { where: 'id > 99' } } },
      'MLOPS_SPLIT_EMPTY',
      'splits.none',
    ],
    [
      'names a table without rows',
      { csv: 'id,name\n', splits: { all: { fraction: 1 } } },
      'MLOPS_SPLIT_EMPTY',
      'The prepared table is empty',
    ],
    [
      'names a condition that is no SQL',
      { splits: { train: { where: 'id >' } } },
      'MLOPS_SPLIT_CONDITION',
      'splits.train.where: DuckDB says: Parser Error',
    ],
    [
      'names a condition on a column that is not there',
      { splits: { train: { where: 'ident = 1' } } },
      'MLOPS_SPLIT_CONDITION',
      'The condition may use the prepared columns: id, name, amount',
    ],
    [
      'names fractions beyond 1',
      { splits: { a: { fraction: 1 }, b: { fraction: 1 } } },
      'MLOPS_SPLIT_FRACTIONS',
      '2',
    ],
    ['names a key that is no column', { splitBy: { key: ['idd'] } }, 'MLOPS_SPLIT_KEY', '"idd" is no column'],
    [
      'names SQL that does not parse',
      { sql: 'SELEC 1' },
      'MLOPS_PREPARE_SQL',
      'p.sql: line 1: DuckDB says: Parser',
    ],
    [
      'names the line of SQL that uses an unknown column',
      { sql: 'SELECT\n  id,\n  nam\nFROM raw' },
      'MLOPS_PREPARE_SQL',
      'p.sql: line 3: DuckDB says',
    ],
    [
      'names SQL on an unknown table',
      { sql: 'SELECT * FROM rav' },
      'MLOPS_PREPARE_SQL',
      'The tables are the sources: raw',
    ],
    ['refuses two statements', { sql: 'SELECT 1; SELECT 2' }, 'MLOPS_PREPARE_SQL', 'holds 2 statements'],
    [
      'names an integer that is too large',
      { sql: 'SELECT id, 18446744073709551615::UBIGINT AS big FROM raw' },
      'MLOPS_PREPARE_SQL',
      '64 signed bits',
    ],
    ['refuses no statement', { sql: '-- nothing' }, 'MLOPS_PREPARE_SQL', 'holds 0 statements'],
    ['refuses what is no SELECT', { sql: 'CREATE TABLE x AS SELECT 1' }, 'MLOPS_PREPARE_SQL', 'is no SELECT'],
    ['refuses parameters', { sql: 'SELECT $1 AS a' }, 'MLOPS_PREPARE_SQL', 'parameters'],
    [
      'refuses to read a file that the lock does not pin',
      { sql: "SELECT * FROM read_text('../../../../../../etc/hosts')" },
      'MLOPS_PREPARE_SQL',
      'add the file to "sources"',
    ],
    [
      'names a value that does not convert',
      { sql: 'SELECT CAST(name AS INTEGER) AS n FROM raw' },
      'MLOPS_PREPARE_SQL',
      'TRY_CAST gives NULL',
    ],
    [
      'names a nested column and a way out',
      { sql: 'SELECT id, [1, 2] AS list FROM raw' },
      'MLOPS_COLUMN_TYPE',
      'column "list" is of type INTEGER[]',
    ],
    [
      'names two columns of one name',
      { sql: 'SELECT id, id FROM raw' },
      'MLOPS_COLUMN_NAME',
      'two columns are named "id"',
    ],
    [
      'names two columns that SQL cannot tell apart',
      { sql: 'SELECT id, 1 AS "ID" FROM raw' },
      'MLOPS_COLUMN_NAME',
      '"id"',
    ],
    ['names a SQL file that is not there', { sql: null }, 'MLOPS_PREPARE_SQL', 'p.sql: cannot be read'],
    [
      'names a type for a column that is not there',
      { types: { nmae: 'string' } },
      'MLOPS_SOURCE_TYPES',
      'Did you mean "name"',
    ],
    [
      'names a value that is not of the type that the source says',
      { types: { name: 'integer' } },
      'MLOPS_SOURCE_BROKEN',
      'n1',
    ],
  ] as const)('%s', (_, fault, code, words) => {
    it(`${code}, and keeps the former result`, async () => {
      const { csv, sql, splits, splitBy, types, lock } = {
        csv: csvRows(1, 10),
        splits: halves,
        lock: true,
        ...fault,
      } as {
        csv: string;
        sql?: string | null;
        splits: typeof halves;
        splitBy?: { key: string[] };
        types?: Record<string, 'string'>;
        lock: boolean;
      };
      const dataset = temporaryDataset(
        {
          sources: { raw: { path: 'x.csv', types } },
          ...(sql === undefined ? {} : { prepare: { sql: 'p.sql' } }),
          splits: splitBy === undefined ? splits : everything,
          splitBy,
        },
        { 'x.csv': csv, ...(typeof sql === 'string' ? { 'p.sql': sql } : {}) },
      );
      dataset.write(`${layout.prepared}/former.json`, 'former');
      if (lock) await dataset.lock();
      const failure = await dataset.prepare().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code, message: expect.stringContaining(words) });
      expect((failure as Error).message).not.toMatch(/\n/);
      expect(readdirSync(preparedFolder(dataset))).toEqual(['former.json']);
      expect(existsSync(join(dataset.project.workspaceRoot, layout.store))).toBe(false);
      const work = join(dataset.project.workspaceRoot, '.mlops/tmp');
      expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
    });
  });

  it('wants a SQL file when there are several sources', async () => {
    const dataset = temporaryDataset(
      { sources: { a: { path: 'x.csv' }, b: { path: 'x.csv' } }, splits: everything },
      { 'x.csv': csvRows(1, 3) },
    );
    await expect(dataset.prepare()).rejects.toMatchObject({
      code: 'MLOPS_CONFIG_INVALID',
      location: { path: 'prepare.sql' },
    });
  });

  it('names data that is not what was locked', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, splits: everything },
      { 'x.csv': csvRows(1, 3) },
    );
    await dataset.lock();
    dataset.write('x.csv', csvRows(1, 4));
    await expect(dataset.prepare()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISMATCH' });
  });

  it('stops on an abort in the middle of a query and leaves the former result whole', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, prepare: { sql: 'p.sql' }, splits: everything },
      { 'x.csv': csvRows(1, 3), 'p.sql': 'SELECT id FROM raw' },
    );
    await dataset.lock();
    await dataset.prepare();
    const before = readFileSync(join(preparedFolder(dataset), layout.datasetManifest), 'utf8');
    writeFileSync(
      join(dataset.project.folder, 'p.sql'),
      'SELECT sum(hash(a.range + b.range)) AS s FROM range(1000000) a, range(1000000) b, raw',
    );
    const abort = new AbortController();
    const reason = new Error('stopped by a test');
    setTimeout(() => abort.abort(reason), 300);
    await expect(dataset.prepare(abort.signal)).rejects.toBe(reason);
    expect(readFileSync(join(preparedFolder(dataset), layout.datasetManifest), 'utf8')).toBe(before);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/tmp'))).toEqual([]);
  });

  it('may run twice at once', async () => {
    const dataset = temporaryDataset(
      { sources: { raw: { path: 'x.csv' } }, splits: halves },
      { 'x.csv': csvRows(1, 10) },
    );
    await dataset.lock();
    const [one, two] = await Promise.all([dataset.prepare(), dataset.prepare()]);
    expect(one).toEqual(two);
    expect(readdirSync(preparedFolder(dataset))).toHaveLength(3);
  });
});

describe('rowGroupRows', () => {
  it.each([
    [1, 122_880],
    [64, 122_880],
    [128, 61_440],
    [1000, 6144],
    [100_000, 2048],
  ])('of %p columns is %p', (columns, rows) => {
    expect(rowGroupRows(columns)).toBe(rows);
  });
});
