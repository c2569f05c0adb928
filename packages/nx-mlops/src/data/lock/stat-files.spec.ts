import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { statFiles } from './stat-files';
import { statText } from './stat-text';

tmp.setGracefulCleanup();

describe('statFiles', () => {
  const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name;
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'ü b'), 'content');
  writeFileSync(join(folder, 'empty'), '');
  const stat = (path: string) => statText(statSync(join(folder, path), { bigint: true }));

  it.each([
    ['here', 1],
    ['in threads', 10_000],
  ])('gives the stat of each file in order, or why there is none, %s', async (_, times) => {
    const paths = Array.from({ length: times }, () => ['ü b', 'none', 'sub', 'empty']).flat();
    const stats = await statFiles(folder, paths);
    expect(stats).toHaveLength(4 * times);
    for (const four of [stats.slice(0, 4), stats.slice(-4)]) {
      expect(four).toEqual([
        stat('ü b'),
        expect.stringContaining('-ENOENT'),
        '-it is no regular file',
        stat('empty'),
      ]);
    }
    expect(new Set(stats).size).toBe(4);
  });

  it('of no file is nothing', async () => {
    expect(await statFiles(folder, [])).toEqual([]);
  });

  it('stops when the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped by a test'));
    const many = Array.from({ length: 20_000 }, () => 'empty');
    await expect(statFiles(folder, ['empty'], signal)).rejects.toThrow('stopped by a test');
    await expect(statFiles(folder, many, signal)).rejects.toThrow('stopped by a test');
  });
});
