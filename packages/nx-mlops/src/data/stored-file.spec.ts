import { sha256OfBytes } from '@nx-mlops/core';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { storeBytesNow, storedPath } from './stored-file';

tmp.setGracefulCleanup();

describe('storeBytesNow', () => {
  const bytes = Buffer.from('hello');
  const digest = { sha256: sha256OfBytes(bytes), size: bytes.length };
  let folder: string;

  beforeEach(() => {
    folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a store');
  });

  it('writes a read-only file under the digest, and nothing beside it', () => {
    expect(storeBytesNow(folder, bytes, digest)).toBe(true);
    const file = storedPath(folder, digest.sha256);
    expect(readFileSync(file, 'utf8')).toBe('hello');
    expect(statSync(file).mode & 0o222).toBe(0);
    // Once more, as a second process would.
    expect(storeBytesNow(folder, bytes, digest)).toBe(true);
    expect(readdirSync(dirname(file))).toEqual([digest.sha256]);
  });

  it.each([
    ['other bytes', Buffer.from('hollo')],
    ['too few', Buffer.from('hel')],
  ])('takes nothing of %s', (_, other) => {
    expect(storeBytesNow(folder, other, digest)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it('leaves nothing half-written when it fails', () => {
    const file = storedPath(folder, digest.sha256);
    mkdirSync(file, { recursive: true });
    expect(() => storeBytesNow(folder, bytes, digest)).toThrow();
    expect(readdirSync(dirname(file))).toEqual([digest.sha256]);
  });
});
