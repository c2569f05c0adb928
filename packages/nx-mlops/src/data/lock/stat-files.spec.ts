import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { statFiles } from './stat-files';
import { stateText, statText } from './stat-text';

tmp.setGracefulCleanup();

describe('statFiles', () => {
  const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name;
  const project = { workspaceRoot: folder, name: 'flights', root: '', folder };
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'ü b'), 'content');
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'a\nb'), 'line');
  const stat = (path: string) => statText(statSync(join(folder, path), { bigint: true }));

  it.each([
    ['here', 1],
    ['in threads', 10_000],
  ])('gives the state of each file in order, %s', async (_, times) => {
    const lists = Array.from({ length: times }, () => ['ü b', 'empty', 'a\nb']);
    const seen = await statFiles(project, lists);
    expect(seen.flatMap(({ paths }) => paths.split('\0'))).toEqual(lists.flat());
    expect(seen.reduce((sum, { files }) => sum + files, 0)).toBe(3 * times);
    const states = seen.flatMap(({ files, states }) =>
      Array.from({ length: files }, (_, index) => stateText(states, index)),
    );
    for (const three of [states.slice(0, 3), states.slice(-3)]) {
      expect(three).toEqual([stat('ü b'), stat('empty'), stat('a\nb')]);
    }
    expect(states).toHaveLength(3 * times);
    expect(new Set(states).size).toBe(3);
  });

  it.each([
    ['none', 'ENOENT', 1],
    ['sub', 'it is no regular file', 1],
    ['none', 'ENOENT', 20_000],
    ['sub', 'it is no regular file', 20_000],
  ])('names the first file without a state, %s', async (path, words, others) => {
    const lists = [Array.from({ length: others }, () => 'empty'), [path, 'gone'], ['also gone']];
    const failure = statFiles(project, lists);
    await expect(failure).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_UNREADABLE',
      location: { file: path },
    });
    await expect(failure).rejects.toThrow(words);
  });

  it.each([10, 20_000])('throws what finding the files throws, after %d', async (files) => {
    const lists = function* () {
      yield Array.from({ length: files }, () => 'empty');
      throw new Error('a folder is gone');
    };
    await expect(statFiles(project, lists())).rejects.toThrow('a folder is gone');
  });

  it('of no file is nothing', async () => {
    expect(await statFiles(project, [])).toEqual([]);
    expect(await statFiles(project, [[]])).toEqual([]);
  });

  it('stops when the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped by a test'));
    const many = Array.from({ length: 20_000 }, () => 'empty');
    await expect(statFiles(project, [['empty']], signal)).rejects.toThrow('stopped by a test');
    await expect(statFiles(project, [many], signal)).rejects.toThrow('stopped by a test');
  });

  it('stops midway', async () => {
    const controller = new AbortController();
    let asked = 0;
    const lists = function* () {
      for (; asked < 1_000_000; asked++) {
        if (asked === 30_000) setImmediate(() => controller.abort(new Error('stopped by a test')));
        yield ['empty'];
      }
    };
    await expect(statFiles(project, lists(), controller.signal)).rejects.toThrow('stopped by a test');
    expect(asked).toBeLessThan(900_000);
  });
});
