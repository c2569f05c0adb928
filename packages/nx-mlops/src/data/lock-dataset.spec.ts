import { layout, sha256OfBytes } from '@nx-mlops/core';
import { readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { checkLock } from './check-lock';
import { lockDataset } from './lock-dataset';
import { loadSourceStatCache } from './stat-cache';
import { temporaryDataset, type TemporaryDataset } from './temporary-dataset.fixture';

describe('lockDataset', () => {
  let dataset: TemporaryDataset;
  const lockFile = () => join(dataset.project.folder, 'dataset.lock.json');
  const lockedText = () => readFileSync(lockFile(), 'utf8');
  const check = async () =>
    checkLock(dataset.project, dataset.config, {
      statCache: await loadSourceStatCache(dataset.project, layout.sourceStatCache),
    });

  beforeEach(() => {
    dataset = temporaryDataset(
      { sources: { raw: { path: 'data/*.csv' } }, splits: { all: { fraction: 1 } } },
      { 'data/b.csv': 'bb', 'data/a.csv': 'a' },
    );
  });

  it('writes path, size and digest of each file, sorted, and nothing of this machine', async () => {
    await dataset.lock();
    expect(JSON.parse(lockedText())).toEqual({
      version: 1,
      sources: {
        raw: {
          files: [
            { path: 'data/a.csv', sha256: sha256OfBytes('a'), size: 1 },
            { path: 'data/b.csv', sha256: sha256OfBytes('bb'), size: 2 },
          ],
        },
      },
    });
    expect(lockedText()).not.toContain(dataset.project.workspaceRoot);
  });

  it('leaves the file alone when nothing changed', async () => {
    await dataset.lock();
    const past = new Date('2020-01-01T00:00:00Z');
    utimesSync(lockFile(), past, past);
    const { written, changes } = await dataset.lock();
    expect({ written, changes }).toEqual({ written: false, changes: [] });
    expect(statSync(lockFile()).mtime).toEqual(past);
    expect(dataset.printed.at(-1)).toContain('up to date');
  });

  it('says which files were added, changed and removed', async () => {
    await dataset.lock();
    dataset.write('data/c.csv', 'c');
    dataset.write('data/b.csv', 'BBB');
    rmSync(join(dataset.project.folder, 'data/a.csv'));
    dataset.printed.length = 0;
    const { changes } = await dataset.lock();
    expect(changes.map(({ kind, path }) => [kind, path])).toEqual([
      ['removed', 'data/a.csv'],
      ['changed', 'data/b.csv'],
      ['added', 'data/c.csv'],
    ]);
    expect(dataset.printed.join('\n')).toMatch(
      /removed raw: data\/a.csv[^]*changed raw: data\/b.csv 2 bytes[^]*added {3}raw/,
    );
  });

  it('keeps the former lock when the data is gone', async () => {
    await dataset.lock();
    const before = lockedText();
    rmSync(join(dataset.project.folder, 'data'), { recursive: true });
    await expect(dataset.lock()).rejects.toMatchObject({ code: 'MLOPS_SOURCE_MISSING' });
    expect(lockedText()).toBe(before);
  });

  it('refuses a Git LFS pointer, which is not the data', async () => {
    dataset.write('data/a.csv', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n');
    await expect(dataset.lock()).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_NOT_FETCHED',
      message: expect.stringContaining('git lfs pull'),
      location: { file: 'ml/late flights/data/a.csv' },
    });
  });

  it('stops when the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped by a test'));
    await expect(lockDataset(dataset.project, dataset.config, { ...dataset.io, signal })).rejects.toThrow(
      'stopped by a test',
    );
  });

  describe('checkLock', () => {
    it('is content with the data that was locked', async () => {
      const { lock } = await dataset.lock();
      expect(await check()).toEqual({ lock, pointers: [] });
    });

    it('names a changed file with both digests', async () => {
      await dataset.lock();
      dataset.write('data/b.csv', 'new');
      const failure = check();
      await expect(failure).rejects.toMatchObject({
        code: 'MLOPS_LOCK_MISMATCH',
        location: { file: 'ml/late flights/dataset.lock.json' },
      });
      await expect(failure).rejects.toThrow('ml/late flights/data/b.csv has sha256');
      await expect(failure).rejects.toThrow(sha256OfBytes('new'));
      await expect(failure).rejects.toThrow(sha256OfBytes('bb'));
      await expect(failure).rejects.toThrow('nx run @acme/flights:lock');
    });

    it.each([
      ['a new file', () => dataset.write('data/c.csv', 'c'), 'is not in the lock'],
      ['a missing file', () => rmSync(join(dataset.project.folder, 'data/a.csv')), 'is in the lock but not'],
    ])('notices %s', async (_, change, words) => {
      await dataset.lock();
      change();
      await expect(check()).rejects.toThrow(words);
    });

    it('says how to make a lock that is not there', async () => {
      await expect(check()).rejects.toMatchObject({ code: 'MLOPS_LOCK_MISSING' });
    });

    it.each(['', '<<<<<<< HEAD', '{"version":1}'])('says that %j is no lock', async (content) => {
      dataset.write('dataset.lock.json', content);
      await expect(check()).rejects.toMatchObject({
        code: expect.stringMatching(/^MLOPS_CONFIG_/),
        location: { file: 'ml/late flights/dataset.lock.json' },
      });
    });
  });
});
