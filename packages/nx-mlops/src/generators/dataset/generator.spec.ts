import { logger, workspaceRoot, type Tree } from '@nx/devkit';
import {
  datasetConfigSchema,
  datasetLockSchema,
  parseConfig,
  sha256OfBytes,
  type DatasetConfig,
} from '@nx-mlops/core';
import { FsTree, flushChanges } from 'nx/src/generators/tree';
import execa from 'execa';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { prepareDataset } from '../../data/prepare/prepare-dataset';
import { validateDataset } from '../../data/validate/validate-dataset';
import datasetGenerator from './generator';
import type { DatasetGeneratorSchema } from './schema';

tmp.setGracefulCleanup();

const rows = Array.from(
  { length: 200 },
  (_, index) => `${index},${index % 3},c${index % 7},2001-01-0${1 + (index % 5)}`,
);
const csv = `id,kind,customer,day\n${rows.join('\n')}\n`;

describe('nx g nx-mlops:dataset', () => {
  let root: string;
  let tree: Tree;
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const generate = (options: Partial<DatasetGeneratorSchema> = {}) =>
    datasetGenerator(tree, {
      name: 'flights',
      source: join(root, 'raw data/2001.csv'),
      skipFormat: true,
      skipPackageJson: true,
      ...options,
    });
  const text = (path: string) => tree.read(path, 'utf-8') ?? '';
  const config = (folder = 'flights'): DatasetConfig =>
    parseConfig(text(`${folder}/dataset.config.json`), datasetConfigSchema, folder);
  const lock = (folder = 'flights') =>
    datasetLockSchema.parse(JSON.parse(text(`${folder}/dataset.lock.json`)));

  beforeEach(() => {
    // As if called from the workspace root, whichever folder the tests are run in.
    process.env['INIT_CWD'] = workspaceRoot;
    root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
    put('nx.json', '{}');
    put('package.json', '{"name":"ws","private":true}');
    put('raw data/2001.csv', csv);
    tree = new FsTree(root, false);
    jest.spyOn(logger, 'info').mockImplementation(() => {});
    jest.spyOn(logger, 'warn').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  it('writes a config that fits the data, its lock and a README, and sets the workspace up', async () => {
    await generate({ directory: 'ml/flights' });
    expect(config('ml/flights')).toEqual({
      $schema: '../../node_modules/nx-mlops/schemas/dataset.schema.json',
      sources: { data_2001: { path: '../../raw data/2001.csv' } },
      splitBy: { seed: 0 },
      splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
      schema: {
        fields: [
          { name: 'id', type: 'integer', constraints: { required: true } },
          { name: 'kind', type: 'integer', constraints: { required: true } },
          { name: 'customer', type: 'string', constraints: { required: true } },
          { name: 'day', type: 'date', constraints: { required: true } },
        ],
      },
    });
    expect(lock('ml/flights').sources).toEqual({
      data_2001: {
        files: [{ path: '../../raw data/2001.csv', sha256: sha256OfBytes(csv), size: csv.length }],
      },
    });
    expect(text('ml/flights/README.md')).toContain('`nx run flights:lock`');
    expect(text('ml/flights/README.md')).not.toMatch(/<%|%>|undefined/);
    expect(tree.exists('mlops.json')).toBe(true);
    expect(tree.children('ml/flights').sort()).toEqual([
      'README.md',
      'dataset.config.json',
      'dataset.lock.json',
    ]);
  });

  it('makes a dataset that prepares and validates at once', async () => {
    const callback = await generate({ prepare: true });
    flushChanges(root, tree.listChanges());
    await callback();
    const project = { workspaceRoot: root, name: 'flights', root: 'flights', folder: join(root, 'flights') };
    const io = { print: () => undefined };
    await prepareDataset(project, config(), io);
    expect((await validateDataset(project, config(), io)).passed).toBe(true);
  });

  it('writes nothing to disk by itself', async () => {
    await generate({ copy: true });
    // Nx keeps its own workspace data in .nx.
    const names = readdirSync(root).filter((name) => name !== '.nx');
    expect(names.sort()).toEqual(['nx.json', 'package.json', 'raw data']);
  });

  it('copies a file from outside when asked to, and keeps git away from it', async () => {
    const outside = join(tmp.dirSync({ unsafeCleanup: true }).name, 'Far Away.csv');
    writeFileSync(outside, csv);
    await expect(generate({ source: outside })).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_OUTSIDE',
      message: expect.stringContaining('--copy'),
    });
    const callback = await generate({ source: outside, copy: true });
    expect(config().sources).toEqual({ far_away: { path: 'data/Far Away.csv' } });
    expect(text('flights/.gitignore')).toBe('/data/\n');
    expect(lock().sources['far_away']?.files).toEqual([
      { path: 'data/Far Away.csv', sha256: sha256OfBytes(csv), size: csv.length },
    ]);
    await callback();
    expect(readFileSync(join(root, 'flights/data/Far Away.csv'), 'utf8')).toBe(csv);
  });

  it('takes a glob of several files', async () => {
    put('raw data/2002.csv', csv);
    await generate({ source: join(root, 'raw data/*.csv') });
    expect(config().sources).toEqual({ raw_data: { path: '../raw data/*.csv' } });
    expect(lock().sources['raw_data']?.files.map(({ path }) => path)).toEqual([
      '../raw data/2001.csv',
      '../raw data/2002.csv',
    ]);
  });

  it('writes a SQL file to begin with, names quoted where need be', async () => {
    put('raw data/odd.csv', 'select,a b,Plain,"say ""x"""\n1,2,3,4\n');
    await generate({ source: join(root, 'raw data/odd.csv'), prepare: true });
    expect(config().prepare).toEqual({ sql: 'prepare.sql' });
    expect(text('flights/prepare.sql')).toContain(
      'SELECT\n  "select",\n  "a b",\n  "Plain",\n  "say ""x"""\nFROM odd\n',
    );
  });

  it('warns of large data that git would commit, and not when git ignores it', async () => {
    const line = `${'x'.repeat(99)},1\n`;
    put('raw data/large.csv', `text,number\n${line.repeat(110_000)}`);
    execa.sync('git', ['init', '-q'], { cwd: root });
    await generate({ source: join(root, 'raw data/large.csv') });
    expect(logger.warn).toHaveBeenCalledWith(expect.stringMatching(/11 MB.*\.gitignore/));
    jest.mocked(logger.warn).mockClear();
    put('.gitignore', 'raw data/\n');
    await generate({ name: 'again', source: join(root, 'raw data/large.csv') });
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('takes a SQL file of the user, and describes what it gives', async () => {
    put('late.sql', '-- only what is known\nSELECT id, kind = 2 AS late FROM data_2001;\n');
    await generate({ prepareSql: join(root, 'late.sql'), trainWhere: 'id < 150', testWhere: 'id >= 150' });
    expect(config().schema?.fields).toEqual([
      { name: 'id', type: 'integer', constraints: { required: true } },
      { name: 'late', type: 'boolean', constraints: { required: true } },
    ]);
    expect(text('flights/prepare.sql')).toContain('kind = 2 AS late');
    flushChanges(root, tree.listChanges());
    const project = { workspaceRoot: root, name: 'flights', root: 'flights', folder: join(root, 'flights') };
    const { splits } = await prepareDataset(project, config(), { print: () => undefined });
    expect(Object.values(splits).map(({ rows }) => rows)).toEqual([150, 50]);
  });

  it.each([
    ['is not there', 'missing.sql', '', 'MLOPS_PREPARE_SQL'],
    ['is no SELECT over the source', 'bad.sql', 'SELECT nothing FROM data_2001', 'MLOPS_PREPARE_SQL'],
  ])('refuses a SQL file that %s', async (_title, file, sql, code) => {
    if (sql !== '') put(file, sql);
    await expect(generate({ prepareSql: join(root, file) })).rejects.toMatchObject({ code });
  });

  it('leaves nested columns out by a SQL file, and says so', async () => {
    put('raw data/nested.jsonl', '{"a":1,"b":{"c":2}}\n');
    await generate({ source: join(root, 'raw data/nested.jsonl') });
    expect(text('flights/prepare.sql')).toContain('SELECT\n  a\nFROM nested');
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('"b"'));
  });

  it.each<[string, Partial<DatasetGeneratorSchema>, Partial<DatasetConfig>]>([
    [
      'by a key',
      { splitKey: ['customer'] },
      {
        splitBy: { key: ['customer'], seed: 0 },
        splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
      },
    ],
    [
      'by conditions',
      { trainWhere: 'id < 150', testWhere: 'id >= 150' },
      { splits: { train: { where: 'id < 150' }, test: { where: 'id >= 150' } } },
    ],
    [
      'by the values of a column',
      { splitColumn: 'kind' },
      {
        splits: {
          '0': { where: `CAST("kind" AS VARCHAR) = '0'` },
          '1': { where: `CAST("kind" AS VARCHAR) = '1'` },
          '2': { where: `CAST("kind" AS VARCHAR) = '2'` },
        },
      },
    ],
  ])('splits %s', async (_, options, expected) => {
    await generate(options);
    expect(config()).toMatchObject(expected);
  });

  it.each<[string, Partial<DatasetGeneratorSchema>, string, string]>([
    ['a name that is no name', { name: '../x' }, 'MLOPS_NAME', 'cannot name a dataset'],
    ['a folder outside', { directory: '../x' }, 'MLOPS_OUTSIDE_WORKSPACE', 'not in this workspace'],
    ['a source that is not there', { source: 'none.csv' }, 'MLOPS_SOURCE_MISSING', '--source=none.csv'],
    ['a folder of several formats', { source: '.' }, 'MLOPS_SOURCE_FORMAT', 'package.json'],
    ['conditions by halves', { trainWhere: 'id < 3' }, 'MLOPS_SPLIT_OPTIONS', 'go together'],
    ['two ways to split', { splitKey: ['id'], splitColumn: 'kind' }, 'MLOPS_SPLIT_OPTIONS', 'choose one'],
    ['an unknown key', { splitKey: ['custmer'] }, 'MLOPS_SPLIT_OPTIONS', 'Did you mean "customer"'],
    ['a split column of many values', { splitColumn: 'id' }, 'MLOPS_SPLIT_OPTIONS', 'more than 20 values'],
  ])('refuses %s and leaves the tree as it was', async (_, options, code, words) => {
    await expect(generate(options)).rejects.toMatchObject({
      code: expect.stringContaining(code),
      message: expect.stringContaining(words),
    });
    expect(tree.listChanges()).toEqual([]);
  });

  it.each(['dataset.config.json', 'model.config.json', 'project.json'])(
    'refuses a folder that holds a %s',
    async (file) => {
      tree.write(`flights/${file}`, '{}');
      await expect(generate()).rejects.toMatchObject({ code: 'MLOPS_FOLDER_TAKEN' });
    },
  );

  it('takes a folder, with all files in it, as one source', async () => {
    put('raw data/2002.csv', csv);
    await generate({ directory: 'ml/flights', source: join(root, 'raw data') });
    expect(config('ml/flights').sources).toEqual({ raw_data: { path: '../../raw data' } });
    expect(lock('ml/flights').sources['raw_data']?.files.map(({ path }) => path)).toEqual([
      '../../raw data/2001.csv',
      '../../raw data/2002.csv',
    ]);
  });

  it('goes into a folder that holds the data already', async () => {
    put('ml/flights/data/x.csv', csv);
    await generate({ directory: 'ml/flights', source: join(root, 'ml/flights/data/x.csv') });
    expect(config('ml/flights').sources).toEqual({ x: { path: 'data/x.csv' } });
    expect(existsSync(join(root, 'ml/flights/dataset.config.json'))).toBe(false);
  });

  it('refuses the name of another project', async () => {
    await generate();
    await expect(generate({ directory: 'other' })).rejects.toMatchObject({ code: 'MLOPS_NAME_TAKEN' });
  });
});
