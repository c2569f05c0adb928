import { sha256OfBytes } from '@nx-mlops/core';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { storedPath } from '../stored-file';
import { tasksOf, withSmallFileThreads } from './small-file-threads';

tmp.setGracefulCleanup();

describe.each([
  ['here', 1],
  ['in threads', 1000],
])('work on small files %s', (_, files) => {
  let folder: string;
  const bytes = Buffer.from('hello');
  const sha256 = sha256OfBytes(bytes);

  beforeEach(() => {
    folder = tmp.dirSync({ unsafeCleanup: true }).name;
  });

  it('reads, stores and places them', async () => {
    const file = join(folder, 'a file');
    writeFileSync(file, bytes);
    const target = join(folder, 'place', 'a file');
    await withSmallFileThreads(files, async (run) => {
      const read = await run({ kind: 'read', files: [{ file, sha256, size: 5 }] });
      expect(read.kind === 'read' && Buffer.from(read.bytes).toString()).toBe('hello');
      const start = 2;
      const task = { files: [{ sha256, size: 5, start }], bytes: Uint8Array.from(Buffer.from('..hello')) };
      expect(await run({ kind: 'store', folder, ...task })).toEqual({ kind: 'done' });
      await run({ kind: 'place', files: [{ stored: storedPath(folder, sha256), target }] });
    });
    expect(readFileSync(target, 'utf8')).toBe('hello');
  });

  it.each([
    ['longer', 'hello!'],
    ['shorter', 'hell'],
    ['other', 'hollo'],
  ])('finds that a file is %s than its digest says', async (__, content) => {
    const file = join(folder, 'a file');
    writeFileSync(file, content);
    const task = { kind: 'read', files: [{ file, sha256, size: 5 }] } as const;
    expect(await withSmallFileThreads(files, (run) => run(task))).toEqual({ kind: 'other-bytes', index: 0 });
  });

  it('throws the error of Node with its code', async () => {
    mkdirSync(join(folder, 'sha256', sha256.slice(0, 2), sha256), { recursive: true });
    const task = () => ({ files: [{ sha256, size: 5, start: 0 }], bytes: Uint8Array.from(bytes) });
    const failed = withSmallFileThreads(files, (run) => run({ kind: 'store', folder, ...task() }));
    await expect(failed).rejects.toMatchObject({ code: 'EISDIR', syscall: 'rename' });
  });
});

describe('tasksOf', () => {
  it('divides by number and by bytes, in order', () => {
    const sizes = [...Array<number>(300).fill(1), 3_000_000, 1_000_000, 1_000_000, 1_000_000];
    const tasks = tasksOf(sizes, (size) => size);
    expect(tasks.flat()).toEqual(sizes);
    expect(tasks.map(({ length }) => length)).toEqual([256, 44, 1, 2, 1]);
  });
});
