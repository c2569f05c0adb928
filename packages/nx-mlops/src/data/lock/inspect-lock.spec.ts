import { sha256OfBytes, type DatasetConfig } from '@nx-mlops/core';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspectLock } from './inspect-lock';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

describe('inspectLock', () => {
  let dataset: TemporaryDataset;
  const folder = () => dataset.project.folder;
  const inspect = (config: DatasetConfig = dataset.config) =>
    inspectLock(dataset.project, config, dataset.io);
  const withPath = (path: string | string[]): DatasetConfig => ({
    ...dataset.config,
    sources: { raw: { path } },
  });
  const settled = async () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await dataset.lock().finally(() => jest.restoreAllMocks());
  };

  beforeEach(() => {
    dataset = temporaryDataset(
      { sources: { raw: { path: 'data/*.csv' } }, splits: { all: { fraction: 1 } } },
      { 'data/b.csv': 'bb', 'data/a.csv': 'a' },
    );
  });

  it('verifies files whose stat is known, and writes nothing', async () => {
    await settled();
    const before = readdirSync(folder(), { recursive: true });
    expect(await inspect()).toEqual({ verified: 2, unverified: 0, absent: 0 });
    expect(dataset.printed.at(-1)).toBe(
      'ml/late flights/dataset.lock.json agrees with config and data: 2 files verified.',
    );
    expect(readdirSync(folder(), { recursive: true })).toEqual(before);
  });

  it('passes files with the locked size that nothing is known of, and counts them', async () => {
    await settled();
    rmSync(join(folder(), '.mlops'), { recursive: true });
    dataset.write('data/b.csv', 'BB');
    expect(await inspect()).toEqual({ verified: 0, unverified: 2, absent: 0 });
    expect(dataset.printed.at(-1)).toContain('2 files with the locked size, not verified');
  });

  it('passes a source none of whose files is on this machine', async () => {
    await settled();
    rmSync(join(folder(), 'data'), { recursive: true });
    expect(await inspect()).toEqual({ verified: 0, unverified: 0, absent: 2 });
    expect(dataset.printed.at(-1)).toContain('2 files not on this machine');
  });

  it('verifies Git LFS pointers, by the digest that they name', async () => {
    await settled();
    const text = (content: string) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256OfBytes(content)}\nsize ${content.length}\n`;
    dataset.write('data/b.csv', text('bb'));
    expect(await inspect()).toMatchObject({ verified: 2 });
    dataset.write('data/b.csv', text('bc'));
    await expect(inspect()).rejects.toThrow(sha256OfBytes('bc'));
  });

  it.each<[string, () => void, string]>([
    [
      'a size',
      () => dataset.write('data/b.csv', 'bbb'),
      'ml/late flights/data/b.csv has 3 bytes, the lock says 2.',
    ],
    [
      'a new file',
      () => dataset.write('data/c.csv', 'c'),
      'ml/late flights/data/c.csv (source "raw") is not in the lock.',
    ],
    [
      'a missing file',
      () => rmSync(join(folder(), 'data/a.csv')),
      'a.csv (source "raw") is in the lock but not on this',
    ],
  ])('fails for %s', async (_, change, words) => {
    await settled();
    change();
    await expect(inspect()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISMATCH' });
    await expect(inspect()).rejects.toThrow(words);
  });

  it.each<[string, string | string[], string]>([
    ['another file', 'data/c.csv', 'Nothing in the lock is of "data/c.csv"'],
    ['one file more', ['data/*.csv', 'more/x.csv'], 'Nothing in the lock is of "more/x.csv"'],
    [
      'another folder',
      'other',
      '2 locked files of the source "raw", such as data/a.csv, are not among its paths',
    ],
    [
      'a file less',
      ['./data/b.csv'],
      '1 locked file of the source "raw", such as data/a.csv, is not among its paths',
    ],
  ])('fails for a config that names %s, without data too', async (_, path, words) => {
    await settled();
    rmSync(join(folder(), 'data'), { recursive: true });
    await expect(inspect(withPath(path))).rejects.toThrow(words);
  });

  it('fails for a source that is not in the lock, and the other way round', async () => {
    await settled();
    const renamed = { ...dataset.config, sources: { other: { path: 'data/*.csv' } } };
    await expect(inspect(renamed)).rejects.toThrow(
      'The lock has the source "raw", which is not in the config. The source "other" of the config is not in the lock.',
    );
  });

  it('names twenty differences and counts the others', async () => {
    await settled();
    for (let index = 0; index < 25; index++) dataset.write(`data/new-${index}.csv`, '');
    await expect(inspect()).rejects.toThrow('5 more differences.');
  });

  it('says how to make a lock that is not there', async () => {
    await expect(inspect()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISSING' });
  });
});
