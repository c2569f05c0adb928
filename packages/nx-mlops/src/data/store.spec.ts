import { sha256OfBytes } from '@nx-mlops/core';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { Store } from './store';

tmp.setGracefulCleanup();

describe('Store', () => {
  let folder: string;
  let store: Store;
  const newFile = (content: string, name = 'a file') => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const stored = () => readdirSync(dirname(store.pathOf(sha256OfBytes('hello'))));

  beforeEach(() => {
    folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'with a space');
    mkdirSync(folder);
    store = new Store(join(folder, 'store'));
  });

  it.each([true, false])('keeps a file under its digest (move: %p)', async (move) => {
    const file = newFile('hello');
    const digest = await store.addFile(file, { move });
    expect(digest).toEqual({ sha256: sha256OfBytes('hello'), size: 5 });
    expect(readFileSync(await store.verified(digest), 'utf8')).toBe('hello');
    expect(existsSync(file)).toBe(!move);
    expect(await store.has(digest)).toBe(true);
  });

  it('is content with a file that it has already', async () => {
    await store.addFile(newFile('hello'), { move: true });
    await store.addFile(newFile('hello'), { move: true });
    expect(stored()).toHaveLength(1);
  });

  it('takes the same file from several at once', async () => {
    const files = Array.from({ length: 8 }, (_, index) => newFile('hello', `file ${index}`));
    const digests = await Promise.all(files.map((file) => store.addFile(file, { move: true })));
    expect(new Set(digests.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(stored()).toEqual([sha256OfBytes('hello')]);
  });

  it('replaces a damaged file of the same size', async () => {
    const digest = await store.addFile(newFile('hello'), { move: true });
    damage(store.pathOf(digest.sha256), 'hollo');
    await expect(store.verified(digest)).rejects.toMatchObject({ code: 'MLOPS_STORE_CORRUPT' });
    await store.addFile(newFile('hello'), { move: true });
    expect(readFileSync(await store.verified(digest), 'utf8')).toBe('hello');
  });

  it.each([
    ['cut short', 'hel'],
    ['with other bytes', 'world'],
  ])('refuses a file that is %s', async (_, content) => {
    const digest = await store.addFile(newFile('hello'), { move: true });
    damage(store.pathOf(digest.sha256), content);
    await expect(store.verified(digest)).rejects.toMatchObject({ code: 'MLOPS_STORE_CORRUPT' });
  });

  it('says what makes a file that it lacks', async () => {
    const digest = { sha256: sha256OfBytes('hello'), size: 5 };
    await expect(store.verified(digest)).rejects.toMatchObject({
      code: 'MLOPS_STORE_MISSING',
      message: expect.stringContaining('prepare'),
    });
    expect(await store.has(digest)).toBe(false);
  });
});

function damage(path: string, content: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}
