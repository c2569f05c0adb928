import type { DatasetManifest, SplitManifest } from '@nx-mlops/core';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureSplitFile } from './ensure-split-file';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from './temporary-dataset.fixture';

describe('ensureSplitFile', () => {
  let dataset: TemporaryDataset;
  let manifest: DatasetManifest;
  const train = () => manifest.splits['train'] as SplitManifest;
  const ensure = () =>
    ensureSplitFile({
      workspaceRoot: dataset.project.workspaceRoot,
      dataset: dataset.project,
      config: dataset.config,
      manifest: train(),
      ...dataset.io,
    });
  const prepareAnew = () => dataset.printed.filter((line) => line.includes('preparing')).length;

  beforeEach(async () => {
    dataset = temporaryDataset(
      {
        sources: { raw: { path: 'x.csv' } },
        prepare: { sql: 'p.sql' },
        splits: { train: { where: 'id <= 5' }, test: { where: 'id > 5' } },
      },
      { 'x.csv': csvRows(1, 10), 'p.sql': 'SELECT * FROM raw' },
    );
    await dataset.lock();
    manifest = await dataset.prepare();
  });

  it('gives the file of the store', async () => {
    expect(await parquetRows(await ensure(), 'count(*)::INTEGER')).toEqual([[5]]);
    expect(prepareAnew()).toBe(0);
  });

  it('prepares again where only the manifest is there, without touching the manifests', async () => {
    rmSync(join(dataset.project.workspaceRoot, '.mlops'), { recursive: true });
    rmSync(join(dataset.project.folder, '.mlops/prepared/dataset.manifest.json'));
    expect(await parquetRows(await ensure(), 'count(*)::INTEGER')).toEqual([[5]]);
    expect(prepareAnew()).toBe(1);
    expect(() =>
      readFileSync(join(dataset.project.folder, '.mlops/prepared/dataset.manifest.json')),
    ).toThrow();
  });

  it('replaces damaged bytes', async () => {
    const file = await ensure();
    const { length } = readFileSync(file);
    chmodSync(file, 0o644);
    writeFileSync(file, Buffer.alloc(length));
    expect(await parquetRows(await ensure(), 'count(*)::INTEGER')).toEqual([[5]]);
    expect(dataset.printed.join()).toContain('damaged');
  });

  it('says so when preparing gives other bytes', async () => {
    dataset.write('p.sql', 'SELECT *, 1 AS more FROM raw');
    rmSync(join(dataset.project.workspaceRoot, '.mlops'), { recursive: true });
    await expect(ensure()).rejects.toMatchObject({
      code: 'MLOPS_PREPARE_NOT_REPRODUCED',
      message: expect.stringContaining('nx run @acme/flights:prepare --skip-nx-cache'),
    });
  });

  it('names the raw data that this machine lacks', async () => {
    rmSync(join(dataset.project.workspaceRoot, '.mlops'), { recursive: true });
    rmSync(join(dataset.project.folder, 'x.csv'));
    await expect(ensure()).rejects.toMatchObject({ code: 'MLOPS_SOURCE_MISSING' });
  });
});
