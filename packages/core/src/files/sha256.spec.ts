import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { sha256OfBytes, sha256OfFile } from './sha256';
import { sha256Schema } from './sha256-schema';

tmp.setGracefulCleanup();

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %p is the published one (FIPS 180-4), from bytes and from a file', async (content, expected) => {
    const file = join(tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name, 'file');
    writeFileSync(file, content);
    expect(sha256OfBytes(content)).toBe(expected);
    expect(await sha256OfFile(file)).toBe(expected);
    expect(sha256Schema.parse(expected)).toBe(expected);
  });

  it('stops when asked to', async () => {
    const file = join(tmp.dirSync({ unsafeCleanup: true }).name, 'file');
    writeFileSync(file, 'abc');
    await expect(sha256OfFile(file, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });

  it.each(['', 'A'.repeat(64), 'a'.repeat(63)])('is not %p', (text) => {
    expect(sha256Schema.safeParse(text).success).toBe(false);
  });
});
