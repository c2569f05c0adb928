import { layout, sha256OfBytes } from '@nx-mlops/core';
import { existsSync, readFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { checkLock } from './check-lock';
import { knownFiles } from './digest-local-files';
import { lockDataset } from './lock-dataset';
import { loadSourceStatCache } from './stat-cache';
import { statFiles } from './stat-files';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

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

  describe('of Git LFS', () => {
    const pointer = (content: string) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256OfBytes(content)}\nsize ${content.length}\n`;

    it('locks a pointer as the data that it stands for', async () => {
      const { lock } = await dataset.lock();
      dataset.write('data/a.csv', pointer('a'));
      const again = await dataset.lock();
      expect(again).toMatchObject({ lock, written: false, pointers: ['data/a.csv'] });
      expect(dataset.printed.join('\n')).toContain('git lfs pull');
      expect(await check()).toMatchObject({ pointers: ['data/a.csv'] });
      // And once more, for a pointer is not taken for data by the stat cache either.
      expect(await check()).toMatchObject({ pointers: ['data/a.csv'] });
    });

    it('needs the data to prepare', async () => {
      dataset.write('data/a.csv', pointer('id\n1\n'));
      await dataset.lock();
      await expect(dataset.prepare()).rejects.toMatchObject({
        code: 'MLOPS_SOURCE_NOT_FETCHED',
        location: { file: 'ml/late flights/data/a.csv' },
      });
    });
  });

  it('locks a folder, and reads again only the file that changed', async () => {
    const folder = temporaryDataset(
      { sources: { raw: { path: 'images' } }, splits: { all: { fraction: 1 } } },
      Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`images/${index}/[x] ü.png`, `${index}`]),
      ),
    );
    const lock = (later: number) => {
      jest.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + performance.now() + later);
      return folder.lock().finally(() => jest.restoreAllMocks());
    };
    const first = await lock(60_000);
    expect(first.hashed).toEqual({ files: 300, bytes: 790 });
    expect(first.lock?.sources['raw']?.files[0]).toEqual({
      path: 'images/0/[x] ü.png',
      sha256: sha256OfBytes('0'),
      size: 1,
    });
    expect(await lock(60_000)).toMatchObject({ written: false, hashed: { files: 0, bytes: 0 } });
    expect(folder.printed.at(-1)).toContain('nothing had to be read');
    folder.write('images/7/[x] ü.png', 'seven');
    const third = await lock(60_000);
    expect(third).toMatchObject({ written: true, hashed: { files: 1, bytes: 5 } });
    expect(third.changes).toMatchObject([{ kind: 'changed', path: 'images/7/[x] ü.png' }]);
    expect(folder.printed.at(-1)).toMatch(/300 files, 794 bytes \(5 bytes of 1 file hashed\)/);
  });

  it('keeps the former lock and what was hashed when it is stopped midway', async () => {
    await dataset.lock();
    const before = lockedText();
    // A sparse file that takes minutes to hash, beside one that takes no time.
    dataset.write('data/new.csv', 'new');
    dataset.write('data/z.csv', '');
    truncateSync(join(dataset.project.folder, 'data/z.csv'), 100e9);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stopped by a test')), 1500);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    const stopped = lockDataset(dataset.project, dataset.config, {
      ...dataset.io,
      signal: controller.signal,
    }).finally(() => jest.restoreAllMocks());
    await expect(stopped).rejects.toThrow('stopped by a test');
    expect(lockedText()).toBe(before);
    const statCache = await loadSourceStatCache(dataset.project, layout.sourceStatCache);
    const seen = await statFiles(dataset.project, [['data/a.csv', 'data/z.csv']]);
    expect([...knownFiles(seen, statCache)].map(({ sha256 }) => sha256)).toEqual([
      sha256OfBytes('a'),
      undefined,
    ]);
  });

  it('may run twice at once', async () => {
    const results = await Promise.all([dataset.lock(), dataset.lock(), dataset.lock()]);
    expect(new Set(results.map(({ lock }) => JSON.stringify(lock))).size).toBe(1);
    expect(await check()).toMatchObject({ pointers: [] });
  });

  it('locks nothing of a dataset that is made from datasets alone', async () => {
    const made = temporaryDataset({
      sources: { all: { dataset: 'flights:all' } },
      splits: { all: { fraction: 1 } },
    });
    expect(await made.lock()).toMatchObject({ written: false });
    expect(existsSync(join(made.project.folder, 'dataset.lock.json'))).toBe(false);
  });

  it('takes the same bytes in another layout for the same lock', async () => {
    await dataset.lock();
    const formatted = JSON.stringify(JSON.parse(lockedText()), null, 2);
    dataset.write('dataset.lock.json', formatted);
    expect(await dataset.lock()).toMatchObject({ written: false, changes: [] });
    expect(lockedText()).toBe(formatted);
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
