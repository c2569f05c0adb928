import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { writeAtomically } from './write-atomically';

tmp.setGracefulCleanup();

function newFolder(): string {
  return tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name;
}

describe('writeAtomically', () => {
  it('writes the bytes, makes the folders, and leaves nothing else', async () => {
    const folder = newFolder();
    const file = join(folder, 'deep/er', 'manifest.json');
    await writeAtomically(file, 'one');
    await writeAtomically(file, Buffer.from('two'));
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(join(folder, 'deep/er'))).toEqual(['manifest.json']);
  });

  it('may write nothing', async () => {
    const file = join(newFolder(), 'empty');
    await writeAtomically(file, '');
    expect(readFileSync(file)).toHaveLength(0);
  });

  it('shows a reader one of the writes whole when several come at once', async () => {
    const folder = newFolder();
    const file = join(folder, 'manifest.json');
    const contents = Array.from({ length: 12 }, (_, index) => String(index).repeat(100_000));
    await Promise.all(contents.map((content) => writeAtomically(file, content)));
    expect(contents).toContain(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).toEqual(['manifest.json']);
  });

  it('leaves what was there, and no temporary file, when it fails', async () => {
    const folder = newFolder();
    const target = join(folder, 'target');
    mkdirSync(target);
    writeFileSync(join(target, 'kept'), 'old');
    await expect(writeAtomically(target, 'new')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['target']);
    expect(readFileSync(join(target, 'kept'), 'utf8')).toBe('old');
  });
});
