import { type SplitManifest } from '@nx-mlops/core';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureSplitFile } from '../ensure-split-file';
import type { LocalSplit } from '../local-split';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

describe('a dataset that is made from another', () => {
  let flights: TemporaryDataset;
  let delays: TemporaryDataset;
  let opened: string[];

  /** As the executors do it: the manifest as it was prepared, the bytes from the store or prepared again. */
  async function openSplit(reference: string): Promise<LocalSplit> {
    opened.push(reference);
    const manifest = flightsManifest[reference.split(':')[1] ?? ''] as SplitManifest;
    const path = await ensureSplitFile({
      workspaceRoot: flights.project.workspaceRoot,
      dataset: flights.project,
      config: flights.config,
      manifest,
      ...flights.io,
    });
    return { manifest, path };
  }
  let flightsManifest: Record<string, SplitManifest>;

  beforeEach(async () => {
    opened = [];
    flights = temporaryDataset(
      {
        sources: { raw: { path: 'x.csv' } },
        splits: { train: { where: 'id <= 5' }, test: { where: 'id > 5' } },
      },
      { 'x.csv': csvRows(1, 10) },
    );
    await flights.lock();
    flightsManifest = (await flights.prepare()).splits;
    delays = temporaryDataset(
      {
        sources: { flights: { dataset: '@acme/flights:train' } },
        prepare: { sql: 'p.sql' },
        splits: { all: { fraction: 1 } },
      },
      { 'p.sql': 'SELECT id, amount * 2 AS double FROM flights ORDER BY id DESC' },
      { workspaceRoot: flights.project.workspaceRoot, name: 'delays', root: 'ml/delays' },
    );
  });

  const prepareDelays = () => delays.prepare(undefined, { openSplit });

  async function rowsOf(manifest: SplitManifest | undefined): Promise<unknown[][]> {
    const path = await ensureSplitFile({
      workspaceRoot: delays.project.workspaceRoot,
      dataset: delays.project,
      config: delays.config,
      manifest: manifest as SplitManifest,
      ...delays.io,
      openSplit,
    });
    return parquetRows(path, 'id::INTEGER, double');
  }

  it('needs no lock, and its SQL reads the split as a table', async () => {
    expect(await delays.lock()).toMatchObject({ lock: undefined, written: false, total: { files: 0 } });
    expect(delays.printed.join()).toContain('nothing to lock');
    expect(existsSync(join(delays.project.folder, 'dataset.lock.json'))).toBe(false);
    const { splits } = await prepareDelays();
    expect(await rowsOf(splits['all'])).toEqual([
      [5, 5],
      [4, 4],
      [3, 3],
      [2, 2],
      [1, 1],
    ]);
  });

  it('is prepared again, and what it is made from before it, where all bytes are gone', async () => {
    const { splits } = await prepareDelays();
    rmSync(join(flights.project.workspaceRoot, '.mlops'), { recursive: true });
    opened = [];
    expect(await rowsOf(splits['all'])).toHaveLength(5);
    expect(opened).toEqual(['@acme/flights:train']);
    expect(flights.printed.join()).toContain('preparing @acme/flights again');
    expect(delays.printed.join()).toContain('preparing delays again');
  });

  it('joins files of its own, which are locked, to splits', async () => {
    const joined = temporaryDataset(
      {
        sources: { names: { path: 'n.csv' }, flights: { dataset: '@acme/flights:test' } },
        prepare: { sql: 'p.sql' },
        splits: { all: { fraction: 1 } },
      },
      { 'n.csv': 'id,who\n6,a\n7,b\n', 'p.sql': 'SELECT * FROM flights JOIN names USING (id)' },
      { workspaceRoot: flights.project.workspaceRoot, name: 'joined', root: 'ml/joined' },
    );
    await expect(joined.prepare(undefined, { openSplit })).rejects.toMatchObject({
      code: 'MLOPS_LOCK_MISSING',
    });
    await joined.lock();
    expect((await joined.prepare(undefined, { openSplit })).splits['all']?.rows).toBe(2);
  });

  it('hands the split to a script', async () => {
    const scripted = temporaryDataset(
      {
        sources: { flights: { dataset: '@acme/flights:test' } },
        prepare: { entry: 'p.cjs' },
        splits: { all: { file: 'all.parquet' } },
      },
      {
        'p.cjs': `
          const fs = require('node:fs');
          const run = JSON.parse(fs.readFileSync(process.env.MLOPS_RUN, 'utf8'));
          const { dataset, split, path, rows, columns } = run.datasets.flights;
          console.log(JSON.stringify({ dataset, split, rows, names: columns.map(({ name }) => name) }));
          fs.copyFileSync(path, run.outputDir + '/all.parquet');`,
      },
      { workspaceRoot: flights.project.workspaceRoot, name: 'scripted', root: 'ml/scripted' },
    );
    const { splits } = await scripted.prepare(undefined, { openSplit });
    expect(splits['all']).toMatchObject({ rows: 5, file: flightsManifest['test']?.file });
    expect(scripted.printed).toContain(
      '{"dataset":"@acme/flights","split":"test","rows":5,"names":["id","name","amount"]}',
    );
  });
});
