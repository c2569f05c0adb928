import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSourceFiles } from './source-files';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

describe('findSourceFiles', () => {
  let dataset: TemporaryDataset;
  const find = async (path: string | string[]) => findSourceFiles(dataset.project, 'raw', [path].flat());

  beforeEach(() => {
    dataset = temporaryDataset(
      { sources: { raw: { path: 'x' } }, splits: { all: { fraction: 1 } } },
      {
        'data/2001 b.csv': 'b',
        'data/2001 a.csv': 'a',
        'data/deep/c.csv': 'c',
        'data/[odd] (1).csv': 'o',
        'node_modules/m.csv': 'm',
        'README.md': '',
        'empty/.hidden': '',
        'data/.cache/x.csv': 'x',
        'data/deep/node_modules/x.csv': 'x',
      },
    );
    mkdirSync(join(dataset.project.workspaceRoot, 'shared'));
    writeFileSync(join(dataset.project.workspaceRoot, 'shared/s.csv'), 's');
  });

  it.each([
    ['a file', 'data/2001 a.csv', ['data/2001 a.csv']],
    ['a file in another spelling', './data//2001 a.csv', ['data/2001 a.csv']],
    ['a glob, sorted', 'data/2001*.csv', ['data/2001 a.csv', 'data/2001 b.csv']],
    [
      'a deep glob, past node_modules',
      '**/*.csv',
      ['data/2001 a.csv', 'data/2001 b.csv', 'data/[odd] (1).csv', 'data/deep/c.csv'],
    ],
    [
      'several, each file once',
      ['data/2001 b.csv', 'data/*.csv'],
      ['data/2001 a.csv', 'data/2001 b.csv', 'data/[odd] (1).csv'],
    ],
    ['a file whose name looks like a glob', 'data/[odd] (1).csv', ['data/[odd] (1).csv']],
    ['a file elsewhere in the workspace', '../../shared/s.csv', ['../../shared/s.csv']],
    [
      'all files of a folder, without hidden ones and node_modules',
      'data',
      ['data/2001 a.csv', 'data/2001 b.csv', 'data/[odd] (1).csv', 'data/deep/c.csv'],
    ],
    ['a folder in another spelling', './data/deep/', ['data/deep/c.csv']],
    ['a folder elsewhere in the workspace', '../../shared', ['../../shared/s.csv']],
    ['a glob elsewhere in the workspace', '../../shared/*.csv', ['../../shared/s.csv']],
    ['a glob that leads out and in again', '../late flights/data/2001 a*', ['data/2001 a.csv']],
    ['a glob in another spelling', './data//deep/../*a.csv', ['data/2001 a.csv']],
    ['hidden files that the glob names', 'data/.cache/*.csv', ['data/.cache/x.csv']],
  ])('finds %s', async (_, path, files) => {
    expect(await find(path)).toEqual(files);
  });

  it('finds a linked file', async () => {
    symlinkSync(join(dataset.project.folder, 'data/deep'), join(dataset.project.folder, 'linked'));
    expect(await find('linked/*.csv')).toEqual(['linked/c.csv']);
  });

  it('finds the files of linked folders, once each, and goes round no circle', async () => {
    const { folder } = dataset.project;
    symlinkSync(join(folder, 'data/deep'), join(folder, 'linked'));
    mkdirSync(join(folder, 'täglich [1]'));
    symlinkSync(join(folder, 'data/deep'), join(folder, 'täglich [1]/in'));
    symlinkSync(join(folder, 'täglich [1]'), join(folder, 'täglich [1]/circle'));
    symlinkSync(join(folder, 'data/2001 a.csv'), join(folder, 'täglich [1]/ä b.csv'));
    expect(await find('linked')).toEqual(['linked/c.csv']);
    expect(await find('täglich [1]')).toEqual(['täglich [1]/in/c.csv', 'täglich [1]/ä b.csv']);
  });

  it('finds the files of linked folders by a glob, and goes round no circle', async () => {
    const { folder } = dataset.project;
    symlinkSync(join(folder, 'data'), join(folder, 'data/deep/circle'));
    symlinkSync(join(folder, 'data/deep'), join(folder, 'data/again'));
    symlinkSync('none', join(folder, 'data/broken.csv'));
    expect(await find('data/**/c.csv')).toEqual(['data/again/c.csv', 'data/deep/c.csv']);
    expect(await find('data/*.csv')).not.toContain('data/broken.csv');
  });

  it('finds names with line breaks and backslashes, and sorts a name before the folder that it begins', async () => {
    const names = [
      'n/a\nb.csv',
      'n/a/x.csv',
      'n/a.csv',
      'n/a\\b.csv',
      'n/é.csv',
      'n/\u{1F600}.csv',
      'n/\uFF5E.csv',
    ];
    for (const name of names) dataset.write(name, '');
    expect(await find('n/**/*.csv')).toEqual([...names].sort());
    expect(await find('n')).toEqual([...names].sort());
  });

  it('names a link in a folder that leads nowhere', async () => {
    symlinkSync('none', join(dataset.project.folder, 'data/broken'));
    await expect(find('data')).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_MISSING',
      location: { file: 'ml/late flights/data/broken' },
    });
  });

  it.each([
    ['a missing file', 'data/none.csv', 'MLOPS_SOURCE_MISSING', 'data/none.csv'],
    ['a glob without a match', 'data/*.parquet', 'MLOPS_SOURCE_MISSING', 'matches no file'],
    ['a folder without files', 'empty', 'MLOPS_SOURCE_MISSING', 'holds no file'],
    ['an absolute path', '/etc/hosts', 'MLOPS_SOURCE_OUTSIDE', 'outside the workspace'],
    ['a path of another drive', 'C:\\data\\x.csv', 'MLOPS_SOURCE_OUTSIDE', 'outside the workspace'],
    ['a path above the workspace', '../../../x.csv', 'MLOPS_SOURCE_OUTSIDE', 'outside the workspace'],
  ])('refuses %s, naming the key of the config', async (_, path, code, words) => {
    await expect(find(path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
      location: { file: 'ml/late flights/dataset.config.json', path: 'sources.raw.path' },
    });
  });
});
