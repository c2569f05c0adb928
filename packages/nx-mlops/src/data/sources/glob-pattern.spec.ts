import { MlopsError } from '@nx-mlops/core';
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import tmp from 'tmp';
import { isGlob, parseGlob } from './glob-pattern';
import { findSourceFiles } from './source-files';

tmp.setGracefulCleanup();

describe('parseGlob', () => {
  const folder = tmp.dirSync({ unsafeCleanup: true }).name;
  const names = ['a', 'b', 'ab', '.h', 'a b', '[x]', '!a', 'ü', 'node_modules'];
  for (const first of names) {
    for (const second of [...names, 'c/a', 'c/.h', 'c/b.csv']) {
      for (const file of [
        `${first}/${second}/x.csv`,
        `${first}/${second}/.x.csv`,
        `${first}/${second}.csv`,
      ]) {
        mkdirSync(join(folder, dirname(file)), { recursive: true });
        writeFileSync(join(folder, file), '');
      }
    }
  }
  const project = { workspaceRoot: folder, name: 'flights', root: '.', folder };
  const find = (pattern: string) => {
    try {
      return findSourceFiles(project, 'raw', [pattern]);
    } catch (error) {
      if (error instanceof MlopsError && error.code === 'MLOPS_SOURCE_MISSING') return [];
      throw error;
    }
  };

  const part = fc.oneof(
    fc.constantFrom(...names.map((name) => name.replace('[x]', '\\[x\\]'))),
    fc.constantFrom(
      '*',
      '**',
      '?',
      'c',
      '*.csv',
      '{a,b}*',
      '{a/b,c}',
      '[ab]*',
      '!(a|c)',
      '@(a|.h)',
      '.*',
      '+(a)',
    ),
  );

  it('means the files that the library for globs means', async () => {
    const pattern = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
      .filter((text) => isGlob(text) && !/^(!a|\\)/.test(text));
    await fc.assert(
      fc.asyncProperty(pattern, async (text) => {
        const expected = await glob([text], {
          cwd: folder,
          expandDirectories: false,
          ignore: ['**/node_modules/**', '**/.git/**'],
        });
        // In a folder whose name begins with a dot that library does not pass over node_modules.
        const rest = expected.filter((path) => !/(^|\/)node_modules\//.test(path));
        expect(find(text)).toEqual(rest.sort());
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['data/**/*.bin', 'data'],
    ['*.csv', ''],
    ['../../shared/*.csv', '../../shared'],
    ['./a//b/{c,d}/e.csv', 'a/b'],
    ['a\\[1\\]/*', 'a[1]'],
    ['a/!b/*', 'a'],
    ['a/{b,c}', 'a'],
  ])('finds the folder before the glob in %j', (pattern, base) => {
    expect(parseGlob(pattern).base).toBe(base);
  });

  it('of an exclamation mark means nothing', () => {
    expect(parseGlob('!a/*.csv').matches('b/x.csv')).toBe(false);
    expect(find('!a/*.csv')).toEqual([]);
  });
});
