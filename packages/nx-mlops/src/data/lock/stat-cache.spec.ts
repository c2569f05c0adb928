import { sha256OfBytes } from '@nx-mlops/core';
import { copyFileSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { StatCache } from './stat-cache';
import { decodeStatRecords } from './stat-cache-text';
import { statText } from './stat-text';

tmp.setGracefulCleanup();

describe('StatCache', () => {
  let root: string;
  let file: string;
  let cacheFile: string;
  const load = () => StatCache.load(cacheFile, root);
  const known = (cache: StatCache, path = file) =>
    cache.known('data.csv', statText(statSync(path, { bigint: true })));
  /** Long ago, so that the digest may be kept. */
  const settle = (path: string, at = new Date('2020-01-01T00:00:00Z')) => utimesSync(path, at, at);
  /** Other bytes of the same size under the same stat: only a reader would notice. */
  const changeInSilence = () => {
    const { atime, mtime } = statSync(file);
    writeFileSync(file, 'bbbb');
    utimesSync(file, atime, mtime);
  };

  beforeEach(() => {
    root = tmp.dirSync({ unsafeCleanup: true }).name;
    file = join(root, 'data.csv');
    cacheFile = join(root, '.mlops', 'stat-cache');
    writeFileSync(file, 'aaaa');
  });

  it('spares reading a file whose stat is as it was, in another process too', async () => {
    settle(file);
    const first = await load();
    const digest = await first.digestOf(file);
    expect(digest).toEqual({ sha256: sha256OfBytes('aaaa'), size: 4 });
    await first.save();
    changeInSilence();
    expect(await (await load()).digestOf(file)).toEqual(digest);
    expect(readFileSync(cacheFile, 'utf8')).not.toContain(root);
  });

  it('reads a file again whose time stamp has changed', async () => {
    settle(file);
    const cache = await load();
    await cache.digestOf(file);
    writeFileSync(file, 'cccc');
    settle(file, new Date('2021-01-01T00:00:00Z'));
    expect((await cache.digestOf(file)).sha256).toBe(sha256OfBytes('cccc'));
  });

  it('does not trust a file that was written just before it was hashed', async () => {
    const cache = await load();
    await cache.digestOf(file);
    changeInSilence();
    expect((await cache.digestOf(file)).sha256).toBe(sha256OfBytes('bbbb'));
  });

  it.each(['', '{', '[]', '{"version":2,"files":{}}', '{"version":1,"files":{"data.csv":{"size":4}}}'])(
    'starts empty where the cache file holds %p',
    async (content) => {
      const cache = await load();
      settle(file);
      await cache.digestOf(file);
      await cache.save();
      writeFileSync(cacheFile, content);
      changeInSilence();
      expect((await (await load()).digestOf(file)).sha256).toBe(sha256OfBytes('bbbb'));
    },
  );

  it('keeps what another process saved in the meantime', async () => {
    const other = join(root, 'other.csv');
    writeFileSync(other, 'oooo');
    [file, other].forEach((path) => settle(path));
    const [mine, theirs] = [await load(), await load()];
    await mine.digestOf(file);
    await theirs.digestOf(other);
    await mine.save();
    await theirs.save();
    expect([...decodeStatRecords(readFileSync(cacheFile, 'utf8')).keys()].sort()).toEqual([
      'data.csv',
      'other.csv',
    ]);
  });

  it('looks at files by their path in the folder, which may be moved with the cache', async () => {
    settle(file);
    const cache = await load();
    await cache.digestOf(file);
    await cache.save();
    const elsewhere = join(tmp.dirSync({ unsafeCleanup: true }).name, 'moved');
    renameSync(root, elsewhere);
    const moved = await StatCache.load(join(elsewhere, '.mlops', 'stat-cache'), elsewhere);
    expect(known(moved, join(elsewhere, 'data.csv'))).toBe(sha256OfBytes('aaaa'));
  });

  it('does not trust a copy, whose inode is another', async () => {
    settle(file);
    const cache = await load();
    await cache.digestOf(file);
    const copy = join(root, 'copy');
    copyFileSync(file, copy);
    settle(copy);
    renameSync(copy, file);
    expect(known(cache)).toBeUndefined();
  });

  it('of sources sees a change whose time stamp was set back', async () => {
    settle(file);
    const later = () => Date.now() + 10_000;
    const cache = await StatCache.load(cacheFile, root, { changeTime: true, now: later });
    await cache.digestOf(file);
    expect(known(cache)).toBe(sha256OfBytes('aaaa'));
    changeInSilence();
    expect(known(cache)).toBeUndefined();
  });

  it('of sources keeps no digest of a file that was put there just before, however old its time stamp', async () => {
    settle(file);
    const cache = await StatCache.load(cacheFile, root, { changeTime: true });
    await cache.digestOf(file);
    expect(known(cache)).toBeUndefined();
  });

  it('forgets files that nobody asks for any more once they are the most', async () => {
    const others = ['a', 'b', 'c'].map((name) => join(root, name));
    const first = await load();
    for (const path of [file, ...others]) {
      writeFileSync(path, 'aaaa');
      settle(path);
      await first.digestOf(path);
    }
    await first.save();
    const second = await load();
    known(second);
    second.forgetUnseen();
    await second.save();
    expect([...decodeStatRecords(readFileSync(cacheFile, 'utf8')).keys()]).toEqual(['data.csv']);
  });

  it('is not written when nothing is new', async () => {
    settle(file);
    const cache = await load();
    await cache.digestOf(file);
    await cache.save();
    const { mtimeMs, ino } = statSync(cacheFile);
    const again = await load();
    await again.digestOf(file);
    await again.save();
    expect(statSync(cacheFile)).toMatchObject({ mtimeMs, ino });
  });
});
