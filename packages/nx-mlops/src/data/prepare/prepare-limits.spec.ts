import { layout } from '@nx-mlops/core';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type * as restricting from './restrict-files';
import { temporaryDataset } from '../temporary-dataset.fixture';
import type * as workFolder from '../work-folder';

jest.setTimeout(60_000);

/** Called with each work folder before it is used. */
let onWorkFolder: (folder: string) => void = () => undefined;
jest.mock('../work-folder', () => {
  const actual = jest.requireActual<typeof workFolder>('../work-folder');
  const withWorkFolder: typeof actual.withWorkFolder = (root, purpose, work, now) =>
    actual.withWorkFolder(
      root,
      purpose,
      (folder) => {
        onWorkFolder(folder);
        return work(folder);
      },
      now,
    );
  return { ...actual, withWorkFolder };
});
/** DuckDB follows a link before it asks whether it may write there. */
jest.mock('./restrict-files', () => {
  const { restrictFiles } = jest.requireActual<typeof restricting>('./restrict-files');
  const withFullDevice: typeof restrictFiles = (connection, { files, folder }) =>
    restrictFiles(connection, { files: [...files, '/dev/full'], folder });
  return { restrictFiles: withFullDevice };
});
afterEach(() => (onWorkFolder = () => undefined));

const manyRows = {
  'x.csv': 'id\n1\n',
  'p.sql': `SELECT range AS id, md5(range::VARCHAR) AS a, md5((range + 1)::VARCHAR) AS b
    FROM range(1500000), raw ORDER BY hash(range)`,
};

function sorted(files: Record<string, string> = manyRows) {
  return temporaryDataset(
    { sources: { raw: { path: 'x.csv' } }, prepare: { sql: 'p.sql' }, splits: { all: { where: 'id < 10' } } },
    files,
  );
}

const left = (root: string) => readdirSync(join(root, '.mlops/tmp'));

it('a query that is larger than the memory limit spills into the work folder, which is gone afterwards', async () => {
  const dataset = sorted();
  await dataset.lock();
  let spilled: string[] = [];
  let watch: NodeJS.Timeout | undefined;
  onWorkFolder = (folder) => {
    watch = setInterval(() => {
      const spill = join(folder, 'spill');
      if (existsSync(spill)) spilled = [...spilled, ...readdirSync(spill)];
    }, 20);
  };
  try {
    const { splits } = await dataset.prepare(undefined, {}, { memoryLimit: '64MB' });
    expect(splits['all']?.rows).toBe(10);
  } finally {
    clearInterval(watch);
  }
  expect(spilled).not.toEqual([]);
  expect(left(dataset.project.workspaceRoot)).toEqual([]);
});

it('a query that cannot spill says that memory is what it lacks', async () => {
  const dataset = sorted({
    ...manyRows,
    'p.sql': "SELECT 1 AS id, string_agg(repeat(md5(range::VARCHAR), 40), '') AS a FROM range(200000), raw",
  });
  await dataset.lock();
  await expect(dataset.prepare(undefined, {}, { memoryLimit: '64MB' })).rejects.toMatchObject({
    code: 'MLOPS_OUT_OF_MEMORY',
    message: expect.stringContaining('--memoryLimit'),
  });
  expect(left(dataset.project.workspaceRoot)).toEqual([]);
});

const linux = process.platform === 'linux' ? describe : describe.skip;

// Every write to /dev/full fails as on a full disk.
linux('a disk that is full (skipped elsewhere: only Linux has /dev/full)', () => {
  it.each([
    ['while the source is read', 'source-raw.parquet'],
    ['while the prepared table is written', 'prepared.parquet'],
    ['while a split is written', 'split-0.parquet'],
  ])('%s is named, and the former result stays', async (_, file) => {
    const dataset = sorted({ ...manyRows, 'p.sql': 'SELECT id, range AS n FROM raw, range(200000)' });
    dataset.write(`${layout.prepared}/former.json`, 'former');
    await dataset.lock();
    onWorkFolder = (folder) => symlinkSync('/dev/full', join(folder, file));
    await expect(dataset.prepare()).rejects.toMatchObject({
      code: 'MLOPS_DISK_FULL',
      message: expect.stringMatching(/^The disk is full, .* the former result still stands\. [^\n]*$/),
    });
    expect(readdirSync(join(dataset.project.folder, layout.prepared))).toEqual(['former.json']);
    expect(existsSync(join(dataset.project.workspaceRoot, layout.store))).toBe(false);
    expect(left(dataset.project.workspaceRoot)).toEqual([]);
  });
});
