import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { FilePlacer } from './place-file';

tmp.setGracefulCleanup();

describe('FilePlacer', () => {
  let folder: string;
  let stored: string;

  beforeEach(() => {
    folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'with a space');
    mkdirSync(folder);
    stored = join(folder, 'stored');
    writeFileSync(stored, 'hello');
    chmodSync(stored, 0o444);
  });

  it('makes the folders, replaces what is there, and leaves nothing else', () => {
    const placer = new FilePlacer();
    const target = join(folder, 'deep/er/a file');
    placer.place(stored, target);
    expect(readFileSync(target, 'utf8')).toBe('hello');
    // The same link again, then another file in its place.
    placer.place(stored, target);
    const other = join(folder, 'deep/er/other');
    writeFileSync(other, 'mine');
    placer.place(stored, other);
    expect(readFileSync(other, 'utf8')).toBe('hello');
    expect(readdirSync(join(folder, 'deep/er')).sort()).toEqual(['a file', 'other']);
  });

  it('costs no space where the file system has links', () => {
    const placed = new FilePlacer().place(stored, join(folder, 'a file'));
    if (placed === 'hard link') expect(statSync(join(folder, 'a file')).ino).toBe(statSync(stored).ino);
    else expect(placed).toBe('reflink');
  });

  it('says what is missing', () => {
    expect(() => new FilePlacer().place(join(folder, 'no such'), join(folder, 'a file'))).toThrow(/ENOENT/);
    expect(readdirSync(folder)).toEqual(['stored']);
  });
});
