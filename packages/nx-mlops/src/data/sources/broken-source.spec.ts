import { layout, type DatasetConfig } from '@nx-mlops/core';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sqlString, withDuckDb } from '../duckdb';
import { openStore } from '../store';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

const everything = { all: { fraction: 1 } };

function given(file: string, bytes: string | Uint8Array, source: object = {}): TemporaryDataset {
  const dataset = temporaryDataset({
    sources: { raw: { path: file, ...source } } as DatasetConfig['sources'],
    splits: everything,
  });
  dataset.write(file, bytes);
  return dataset;
}

async function parquetBytes(rows: number): Promise<Buffer> {
  const { project } = temporaryDataset({ sources: { raw: { path: 'x' } }, splits: everything });
  const file = join(project.folder, 'x.parquet');
  await withDuckDb({}, (connection) =>
    connection.run(
      `COPY (SELECT range AS id, md5(range::VARCHAR) AS text FROM range(${rows})) TO ${sqlString(file)} (FORMAT parquet)`,
    ),
  );
  return readFileSync(file);
}

const wide = (line: string) => `id,name,amount\n1,a,2.5\n${line}\n3,c,3\n`;

describe('a source that is broken is named in one paragraph, and the former result stays', () => {
  it.each<[string, string, () => Uint8Array | string | Promise<Uint8Array>, object, string]>([
    [
      'a truncated Parquet file',
      'x.parquet',
      async () => (await parquetBytes(50_000)).subarray(0, 10_000),
      {},
      'x.parquet: cannot be read as parquet',
    ],
    [
      'a Parquet file that is damaged in the middle',
      'x.parquet',
      async () => (await parquetBytes(50_000)).fill(255, 100, 5000),
      {},
      'x.parquet: cannot be read as parquet',
    ],
    [
      'a CSV line with a cell too few, by line and column',
      'x.csv',
      () => wide('2,b'),
      {},
      'x.csv: line 3 has 2 cells, the header has 3; the first that is missing is "amount"',
    ],
    [
      'a CSV line with a cell too many',
      'x.csv',
      () => wide('2,b,1,1'),
      {},
      'x.csv: line 3 has 4 cells, the header has 3',
    ],
    [
      'a quote that does not fit, by line and column',
      'x.csv',
      () => wide('2,"b" c,1'),
      {},
      'line 3, column "name": the quotes of the cell do not fit',
    ],
    [
      'a cell that is not of the type that the source says, by line and column',
      'x.csv',
      () => wide('2,b,many'),
      { types: { amount: 'number' } },
      'line 3, column "amount": Could not convert string "many" to \'DOUBLE\'',
    ],
    [
      'Latin-1 bytes, by line and column, with the way out',
      'x.csv',
      () => Buffer.from(wide('2,café,1'), 'latin1'),
      {},
      'line 3, column "name", near byte 26: is not UTF-8. If the file is in Latin-1 or UTF-16, add "encoding": "latin-1"',
    ],
    ['an empty file', 'x.csv', () => '', {}, 'x.csv: is empty'],
    ['an empty Parquet file', 'x.parquet', () => '', {}, 'x.parquet: is empty'],
    [
      'a gzipped file that is cut off',
      'x.csv.gz',
      () => {
        const whole = gzipSync(csvRows(1, 5000));
        return whole.subarray(0, whole.length - 1000);
      },
      {},
      'x.csv.gz: is cut off: the compressed data ends too early. Fetch it again.',
    ],
    [
      'a gzipped file with a flipped byte',
      'x.csv.gz',
      () => {
        const whole = gzipSync(csvRows(1, 5000));
        whole[whole.length - 6] = (whole[whole.length - 6] as number) ^ 1;
        return whole;
      },
      {},
      'x.csv.gz: is damaged: incorrect data check. Fetch it again.',
    ],
    ['a file that is no gzip', 'x.csv.gz', () => csvRows(1, 3), {}, 'x.csv.gz: is damaged: incorrect header'],
    [
      'JSON that ends too early',
      'x.jsonl',
      () => '{"id":1}\n{"id":\n',
      {},
      'x.jsonl: cannot be read as jsonl',
    ],
  ])('%s', async (_, file, bytes, source, words) => {
    const dataset = given(file, await bytes(), source);
    dataset.write(`${layout.prepared}/former.json`, 'former');
    await dataset.lock();
    const failure = (await dataset.prepare().catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({
      code: 'MLOPS_SOURCE_BROKEN',
      message: expect.stringContaining(words),
    });
    expect(failure.message).not.toMatch(/\n/);
    expect(readdirSync(join(dataset.project.folder, layout.prepared))).toEqual(['former.json']);
    expect(existsSync(join(dataset.project.workspaceRoot, layout.store))).toBe(false);
    expect(readdirSync(join(dataset.project.workspaceRoot, '.mlops/tmp'))).toEqual([]);
  });

  it('names the broken one of many files', async () => {
    const dataset = temporaryDataset({ sources: { raw: { path: 'data/*.csv' } }, splits: everything });
    for (let index = 0; index < 30; index += 1) {
      dataset.write(`data/${index}.csv`, index === 17 ? 'id,name\n1\n' : 'id,name\n1,a\n');
    }
    await dataset.lock();
    await expect(dataset.prepare()).rejects.toMatchObject({
      message: expect.stringMatching(/data\/17\.csv: line 2 has 1 cell, the header has 2/),
    });
  });
});

describe('the encoding of a source', () => {
  it.each([
    ['latin-1', 'latin1'],
    ['utf-16', 'utf16le'],
  ] as const)('may be %s', async (encoding, ofNode) => {
    const text = `${encoding === 'utf-16' ? '\uFEFF' : ''}id;name\n1;café\n2;für\n`;
    const dataset = given('x.csv', Buffer.from(text, ofNode), { encoding });
    await dataset.lock();
    const { splits } = await dataset.prepare();
    const { store } = await openStore(dataset.project.workspaceRoot);
    expect(await parquetRows(store.pathOf(splits['all']?.file.sha256 ?? ''), 'name')).toEqual([
      ['café'],
      ['für'],
    ]);
  });
});
