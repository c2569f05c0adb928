import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { FileObjectStore } from './file-object-store';
import { fileStoreError } from './file-store-error';
import { describeObjectStore } from './object-store-contract.fixture';

tmp.setGracefulCleanup();

const temporaryFolder = () => tmp.dirSync({ unsafeCleanup: true }).name;

describeObjectStore('FileObjectStore', async () => new FileObjectStore(join(temporaryFolder(), 'a store')));

describe('a store in a folder', () => {
  const bytes = new TextEncoder().encode('hello');

  it('is made by the first put, but not where the folder above it is missing', async () => {
    const folder = join(temporaryFolder(), 'mount', 'store');
    const store = new FileObjectStore(folder);
    const refused = { code: 'MLOPS_REMOTE_NOT_FOUND', message: expect.stringMatching(/Mount its drive/) };
    await expect(store.put('a', bytes)).rejects.toMatchObject(refused);
    await expect(store.head('a')).rejects.toMatchObject(refused);
    await expect(store.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
    mkdirSync(join(folder, '..'));
    await store.put('a', bytes);
    expect(existsSync(join(folder, 'a'))).toBe(true);
  });

  it('leaves nothing half-written of a put that fails, and sweeps what a killed process left', async () => {
    const folder = join(temporaryFolder(), 'store');
    const store = new FileObjectStore(folder);
    await expect(store.put('a', { file: join(folder, 'not there') })).rejects.toMatchObject({
      code: 'MLOPS_REMOTE_FAILED',
    });
    const left = join(folder, '.incoming', 'left');
    writeFileSync(left, 'half');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    utimesSync(left, twoDaysAgo, twoDaysAgo);
    await new FileObjectStore(folder).put('b', bytes);
    expect(readdirSync(join(folder, '.incoming'))).toEqual([]);
    expect(readdirSync(join(folder, '.locks'))).toEqual([]);
  });
});

describe('fileStoreError', () => {
  it.each([
    ['EACCES', 'MLOPS_REMOTE_DENIED', /permission/],
    ['EROFS', 'MLOPS_REMOTE_DENIED', /read-only/],
    ['ENOSPC', 'MLOPS_REMOTE_FAILED', /make room/],
    ['ESTALE', 'MLOPS_REMOTE_UNREACHABLE', /mounted/],
    ['EISDIR', 'MLOPS_REMOTE_FAILED', /mlops\.json/],
  ])('%s is %s', (code, expected, message) => {
    expect(fileStoreError(Object.assign(new Error('no'), { code }), '/mnt/x')).toMatchObject({
      code: expected,
      message: expect.stringMatching(message),
    });
  });
});
