import { sha256OfBytes, type DatasetManifest, type SplitManifest } from '@nx-mlops/core';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureSplitFile } from '../ensure-split-file';
import { csvRows, parquetRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { openRequiredRemote } from './open-remote';
import { pullDataset } from './pull-dataset';
import { pushDataset } from './push-dataset';

describe('push and pull', () => {
  let dataset: TemporaryDataset;
  let manifest: DatasetManifest;
  const root = () => dataset.project.workspaceRoot;
  const raw = (name: string) => join(dataset.project.folder, 'raw', name);
  const remoteFolder = () => join(root(), '..', 'remote');
  const configure = (text: object) =>
    writeFileSync(
      join(root(), 'mlops.json'),
      JSON.stringify({ environments: [{ name: 'production' }], ...text }),
    );
  const push = async () => pushDataset(dataset.project, await openRequiredRemote(root()), dataset.io);
  const pull = async (options = {}) =>
    pullDataset(dataset.project, await openRequiredRemote(root()), dataset.io, options);
  const ensure = (split: string) =>
    ensureSplitFile({
      workspaceRoot: root(),
      dataset: dataset.project,
      config: dataset.config,
      manifest: manifest.splits[split] as SplitManifest,
      ...dataset.io,
    });
  /** A clone on another machine: the lock and the manifests, no data. */
  const forgetData = () => {
    rmSync(join(root(), '.mlops'), { recursive: true, force: true });
    rmSync(join(dataset.project.folder, 'raw'), { recursive: true, force: true });
    dataset.printed.length = 0;
  };

  beforeEach(async () => {
    dataset = temporaryDataset(
      {
        sources: { raw: { path: 'raw/*.csv' } },
        splits: { train: { where: 'id <= 5' }, test: { where: 'id > 5' } },
      },
      { 'raw/a.csv': csvRows(1, 4), 'raw/b.csv': csvRows(5, 10) },
    );
    configure({ remote: 'file:../remote' });
    await dataset.lock();
    manifest = await dataset.prepare();
  });

  it('bring the sources to another machine, say what they did, and do nothing the second time', async () => {
    expect(await push()).toMatchObject({ files: 4, skipped: 0 });
    expect(dataset.printed.at(-1)).toMatch(
      /^Pushed @acme\/flights to file:.*: 4 files, .*; 0 files there already/,
    );
    expect(await push()).toMatchObject({ files: 0, bytes: 0, skipped: 4 });
    const before = [raw('a.csv'), raw('b.csv')].map((file) => readFileSync(file, 'utf8'));
    forgetData();
    expect(await pull()).toMatchObject({ placed: 2 });
    expect([raw('a.csv'), raw('b.csv')].map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    expect(await pull()).toEqual({ placed: 0, bytes: 0 });
    expect(dataset.printed.at(-1)).toMatch(/0 files brought into place, 2 files here already/);
    expect(statSync(raw('a.csv')).isFile()).toBe(true);
    expect(readdirSync(join(dataset.project.folder, 'raw')).sort()).toEqual(['a.csv', 'b.csv']);
  });

  it('leave a file that differs, unless forced', async () => {
    await push();
    writeFileSync(raw('a.csv'), 'mine');
    rmSync(raw('b.csv'));
    await expect(pull()).rejects.toMatchObject({
      code: 'MLOPS_PULL_CONFLICT',
      message: expect.stringContaining('ml/late flights/raw/a.csv has other bytes'),
    });
    expect(readFileSync(raw('a.csv'), 'utf8')).toBe('mine');
    expect(existsSync(raw('b.csv'))).toBe(false);
    expect(await pull({ force: true })).toMatchObject({ placed: 2 });
    expect(readFileSync(raw('a.csv'), 'utf8')).toBe(csvRows(1, 4));
  });

  it('refuse to push what is not what the lock says, or is nowhere', async () => {
    writeFileSync(raw('a.csv'), 'other');
    await expect(push()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISMATCH' });
    expect(existsSync(remoteFolder())).toBe(false);
    rmSync(raw('a.csv'));
    await expect(push()).rejects.toMatchObject({
      code: 'MLOPS_PUSH_INCOMPLETE',
      message: expect.stringContaining('raw/a.csv'),
    });
  });

  it('say that there is no remote, and what one looks like', async () => {
    configure({});
    await expect(push()).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_MISSING',
      message: expect.stringContaining('s3://bucket/prefix'),
    });
  });

  it('tell which files the remote lacks', async () => {
    mkdirSync(remoteFolder());
    forgetData();
    await expect(pull()).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_LACKS',
      message: expect.stringContaining('raw/a.csv'),
    });
  });

  describe('a task that needs a split', () => {
    it('fetches that split alone', async () => {
      await push();
      forgetData();
      expect(await parquetRows(await ensure('train'), 'count(*)::INTEGER')).toEqual([[5]]);
      expect(dataset.printed.join('\n')).toMatch(/Fetched @acme\/flights:train from file:/);
      expect(dataset.printed.join('\n')).not.toMatch(/preparing/);
      const shelves = readdirSync(join(root(), '.mlops/store/sha256'));
      expect(shelves).toHaveLength(1);
      expect(existsSync(raw('a.csv'))).toBe(false);
    });

    it('asks nothing of the remote when the bytes are here', async () => {
      await push();
      renameSync(remoteFolder(), `${remoteFolder()} gone`);
      configure({ remote: 'file:/nowhere/at/all' });
      await ensure('train');
      expect(dataset.printed.join('\n')).not.toMatch(/warning|Fetched/);
    });

    it.each([
      ['holds other bytes', () => corruptPacks(remoteFolder()), /MLOPS_REMOTE_CORRUPT/],
      ['is not reachable', () => configure({ remote: 'file:/nowhere/at/all' }), /MLOPS_REMOTE_NOT_FOUND/],
    ])('says so and prepares again when the remote %s', async (_, harm, warning) => {
      await push();
      cpSync(join(dataset.project.folder, 'raw'), join(root(), 'saved'), { recursive: true });
      forgetData();
      cpSync(join(root(), 'saved'), join(dataset.project.folder, 'raw'), { recursive: true });
      harm();
      expect(await parquetRows(await ensure('train'), 'count(*)::INTEGER')).toEqual([[5]]);
      expect(dataset.printed.join('\n')).toMatch(warning);
      expect(dataset.printed.join('\n')).toMatch(/preparing @acme\/flights again/);
    });

    it('fetches the sources where the split has to be made again', async () => {
      await push();
      forgetData();
      rmSync(join(dataset.project.folder, '.mlops'), { recursive: true });
      await dataset.prepare();
      expect(dataset.printed.join('\n')).toMatch(/2 source files of @acme\/flights are not on this machine/);
      expect(sha256OfBytes(readFileSync(raw('a.csv')))).toBe(sha256OfBytes(csvRows(1, 4)));
    });
  });
});

function corruptPacks(folder: string): void {
  for (const name of readdirSync(join(folder, 'packs'))) {
    if (!name.endsWith('.pack')) continue;
    const file = join(folder, 'packs', name);
    writeFileSync(
      file,
      readFileSync(file).map((byte) => byte ^ 1),
    );
  }
}
