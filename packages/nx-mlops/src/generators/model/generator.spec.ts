import { readJson, readNxJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import {
  datasetConfigSchema,
  datasetLockSchema,
  modelConfigSchema,
  parseConfig,
  sha256OfBytes,
  type ModelConfig,
} from '@nx-mlops/core';
import modelGenerator from './generator';
import type { ModelGeneratorSchema } from './schema';

const flights = {
  sources: { flights: { path: 'data/flights.parquet' } },
  splits: { train: { where: 'month <= 4' }, test: { where: 'month >= 5' } },
  schema: {
    fields: [
      { name: 'month', type: 'integer' },
      { name: 'date', type: 'datetime' },
      { name: 'distance', type: 'integer' },
      { name: 'origin', type: 'string' },
      { name: 'late', type: 'boolean' },
    ],
  },
};

describe('nx g nx-mlops:model', () => {
  let tree: Tree;
  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
    jest.spyOn(console, 'log').mockImplementation(() => {});
    jest.spyOn(console, 'info').mockImplementation(() => {});
    jest.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  const generate = (options: ModelGeneratorSchema) => modelGenerator(tree, { skipFormat: true, ...options });
  const addDataset = (name: string, config: object = flights, root = `ml/${name}`) =>
    tree.write(`${root}/dataset.config.json`, JSON.stringify(config));
  const config = (root: string): ModelConfig =>
    parseConfig(tree.read(`${root}/model.config.json`, 'utf-8') ?? '', modelConfigSchema, root);

  it('writes a project that learns the proposed target from the columns that suit', async () => {
    addDataset('flights');
    await generate({ name: 'delay', directory: 'ml/delay' });
    expect(config('ml/delay')).toMatchObject({
      $schema: '../../node_modules/nx-mlops/schemas/model.schema.json',
      task: 'binary-classification',
      datasets: { train: 'flights:train', test: 'flights:test' },
      features: ['distance', 'origin'],
      target: 'late',
      training: { entry: 'src/train.ts', seed: 7 },
      evaluation: {
        gates: [
          { metric: 'roc-auc', min: 0.55 },
          { metric: 'roc-auc', versus: 'last-release' },
        ],
      },
    });
    expect(config('ml/delay').name).toBeUndefined();
    expect(tree.children('ml/delay').sort()).toEqual([
      'README.md',
      'model.config.json',
      'project.json',
      'src',
      'tsconfig.json',
    ]);
    expect(tree.children('ml/delay/src').sort()).toEqual(['model.test.ts', 'train.ts']);
    expect(tree.read('ml/delay/README.md', 'utf-8')).toContain('(../flights)');
  });

  it('leaves no template mark in any file', async () => {
    addDataset('flights');
    await generate({ name: 'delay' });
    const written = tree.listChanges().filter(({ path }) => path.startsWith('delay/'));
    expect(written.length).toBeGreaterThan(4);
    for (const { path, content } of written) {
      expect(path).not.toMatch(/\.template|__/);
      expect(content?.toString()).not.toMatch(/<%|%>/);
      if (!path.endsWith('.ts')) expect(content?.toString()).not.toMatch(/undefined|\[object/);
    }
  });

  it.each(['binary-classification', 'multiclass-classification', 'regression'] as const)(
    'writes a config that is valid for %s',
    async (task) => {
      const target = {
        'binary-classification': 'late',
        'multiclass-classification': 'origin',
        regression: 'distance',
      }[task];
      addDataset('flights');
      await generate({ name: 'delay', task, target });
      expect(config('delay')).toMatchObject({ task, target });
      expect(config('delay').evaluation.gates).toHaveLength(2);
    },
  );

  it('takes target and features as they are given', async () => {
    addDataset('flights');
    await generate({ name: 'delay', target: 'distance', features: ['origin', 'month'] });
    expect(config('delay')).toMatchObject({
      task: 'regression',
      target: 'distance',
      features: ['origin', 'month'],
    });
  });

  it('names the project in its config where the folder is called otherwise', async () => {
    addDataset('flights');
    await generate({ name: 'delay', directory: 'ml/late flights' });
    expect(config('ml/late flights').name).toBe('delay');
    expect(readJson(tree, 'ml/late flights/project.json').name).toBe('delay');
  });

  it('calls a dataset by the name that Nx gives it', async () => {
    addDataset('x', { ...flights, name: 'flights-2001' });
    await generate({ name: 'delay' });
    expect(config('delay').datasets.train).toBe('flights-2001:train');
  });

  it('uses a validation split where there is one', async () => {
    addDataset('flights', {
      ...flights,
      splits: { fit: { fraction: 0.6 }, val: { fraction: 0.2 }, holdout: { fraction: 0.2 } },
    });
    await generate({ name: 'delay' });
    expect(config('delay').datasets).toEqual({
      train: 'flights:fit',
      validation: 'flights:val',
      test: 'flights:holdout',
    });
  });

  it('names the targets as the plugin options do', async () => {
    addDataset('flights');
    tree.write(
      'nx.json',
      JSON.stringify({ plugins: [{ plugin: 'nx-mlops', options: { trainTargetName: 'fit' } }] }),
    );
    await generate({ name: 'delay' });
    expect(readJson(tree, 'delay/project.json').targets['test-model'].dependsOn).toEqual(['fit']);
    expect(tree.read('delay/README.md', 'utf-8')).toContain('nx run delay:fit');
  });

  it('sets the workspace up and adds what the training needs, once', async () => {
    addDataset('flights');
    await generate({ name: 'delay' });
    expect(readNxJson(tree)?.plugins).toContain('nx-mlops');
    const { devDependencies } = readJson(tree, 'package.json');
    expect(Object.keys(devDependencies)).toEqual(
      expect.arrayContaining(['@nx-mlops/training', '@tensorflow/tfjs-layers', 'typescript']),
    );
    const before = tree.read('package.json', 'utf-8');
    await generate({ name: 'delay-2' });
    expect(tree.read('package.json', 'utf-8')).toBe(before);
  });

  it('keeps versions that package.json names, and package.json altogether with --skipPackageJson', async () => {
    addDataset('flights');
    tree.write('package.json', JSON.stringify({ devDependencies: { '@nx-mlops/training': 'file:x.tgz' } }));
    await generate({ name: 'delay' });
    expect(readJson(tree, 'package.json').devDependencies['@nx-mlops/training']).toBe('file:x.tgz');
    const before = tree.read('package.json', 'utf-8');
    tree.write('package.json', before?.replace('file:x.tgz', 'file:y.tgz') ?? '');
    const edited = tree.read('package.json', 'utf-8');
    await generate({ name: 'delay-2', skipPackageJson: true });
    expect(tree.read('package.json', 'utf-8')).toBe(edited);
  });

  it('says what it chose and where to change it', async () => {
    const log = jest.spyOn(console, 'info');
    addDataset('flights');
    await generate({ name: 'delay' });
    const said = log.mock.calls.flat().join('\n');
    expect(said).toContain('delay predicts late');
    expect(said).toMatch(/Not from date: a datetime/);
    expect(said).toMatch(/Not from month: what tells the splits apart/);
    expect(said).toContain('delay/model.config.json');
  });

  describe('refuses, with a way out,', () => {
    it.each<[string, ModelGeneratorSchema, RegExp]>([
      ['a name with a slash', { name: 'a/b' }, /"a\/b" cannot name a project.*--directory/],
      ['a name with a space', { name: 'my model' }, /cannot name a project/],
      ['an empty name', { name: '' }, /cannot name a project/],
      ['a folder outside the workspace', { name: 'a', directory: '../x' }, /not in this workspace/],
      ['an unknown dataset', { name: 'a', dataset: 'flihgts' }, /Did you mean "flights"/],
      ['an unknown target', { name: 'a', target: 'delayed' }, /no column "delayed"/],
      ['an unknown feature', { name: 'a', features: ['orign'] }, /Did you mean "origin"/],
      ['a date as a feature', { name: 'a', features: ['date'] }, /prepare SQL/],
      ['the target as a feature', { name: 'a', features: ['late'], target: 'late' }, /is the target/],
      [
        'a task that the target does not suit',
        { name: 'a', target: 'origin', task: 'regression' },
        /multiclass/,
      ],
      ['a name that is taken', { name: 'flights' }, /"flights" already, in ml\/flights/],
      ['a folder that is taken', { name: 'a', directory: 'ml/flights' }, /holds dataset.config.json/],
      ['a sample with columns of other data', { name: 'a', sample: true, target: 'late' }, /no --target/],
    ])('%s', async (_, options, message) => {
      addDataset('flights');
      const before = tree.listChanges().length;
      await expect(generate(options)).rejects.toThrow(message);
      expect(tree.listChanges().filter(({ path }) => path.startsWith('a/'))).toEqual([]);
      expect(before).toBeGreaterThan(0);
    });

    it('a workspace without data', async () => {
      await expect(generate({ name: 'a' })).rejects.toThrow(/nx-mlops:dataset.*--sample/);
    });

    it('to choose between several datasets', async () => {
      addDataset('flights');
      addDataset('weather');
      await expect(generate({ name: 'a' })).rejects.toThrow(/flights, weather.*--dataset=flights/);
    });

    it('a dataset whose config is broken, but only when it is the one to learn from', async () => {
      addDataset('flights');
      tree.write('ml/broken/dataset.config.json', '{ "sources": ');
      await expect(generate({ name: 'a', dataset: 'broken' })).rejects.toThrow(
        /ml\/broken\/dataset.config.json: line 1/,
      );
      await generate({ name: 'b', dataset: 'flights' });
    });

    it('a dataset with one split', async () => {
      addDataset('flights', { ...flights, splits: { all: { fraction: 1 } } });
      await expect(generate({ name: 'a' })).rejects.toThrow(/splits: .*offers all/);
    });

    it('to guess columns of a dataset without a schema', async () => {
      addDataset('flights', { ...flights, schema: undefined });
      await expect(generate({ name: 'a' })).rejects.toThrow(/--task, --target and --features/);
      await generate({ name: 'b', task: 'regression', target: 'y', features: ['x'] });
      expect(config('b')).toMatchObject({ target: 'y', features: ['x'] });
    });
  });

  describe('--sample', () => {
    it('adds the penguins beside the model, with a lock that holds their digest', async () => {
      await generate({ name: 'demo', directory: 'ml/demo', sample: true });
      expect(config('ml/demo')).toMatchObject({
        task: 'multiclass-classification',
        target: 'species',
        datasets: { train: 'demo-data:train', test: 'demo-data:test' },
        features: ['island', 'bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g', 'sex'],
        evaluation: {
          gates: [
            { metric: 'balanced-accuracy', min: 0.9 },
            { metric: 'balanced-accuracy', versus: 'last-release' },
          ],
        },
      });
      const dataset = tree.read('ml/demo-data/dataset.config.json', 'utf-8') ?? '';
      expect(parseConfig(dataset, datasetConfigSchema, 'x').sources).toEqual({
        penguins: { path: 'penguins.csv' },
      });
      const bytes = tree.read('ml/demo-data/penguins.csv');
      const lock = datasetLockSchema.parse(readJson(tree, 'ml/demo-data/dataset.lock.json'));
      expect(lock.sources.penguins?.files).toEqual([
        { path: 'penguins.csv', sha256: sha256OfBytes(bytes ?? ''), size: bytes?.length },
      ]);
      expect(tree.exists('ml/demo-data/.gitattributes')).toBe(true);
    });

    it('stays whole when the files are formatted', async () => {
      await generate({ name: 'demo', sample: true, skipFormat: false });
      const bytes = tree.read('demo-data/penguins.csv') ?? '';
      expect(readJson(tree, 'demo-data/dataset.lock.json').sources.penguins.files[0].sha256).toBe(
        sha256OfBytes(bytes),
      );
      expect(config('demo').features).toHaveLength(6);
    });

    it('does not overwrite a folder that is there', async () => {
      tree.write('demo-data/notes.txt', 'mine');
      await expect(generate({ name: 'demo', sample: true })).rejects.toThrow(/demo-data: is there already/);
      expect(tree.read('demo-data/notes.txt', 'utf-8')).toBe('mine');
    });

    it('can be added to a workspace that has datasets', async () => {
      addDataset('flights');
      await generate({ name: 'demo', sample: true });
      expect(config('demo').datasets.train).toBe('demo-data:train');
    });
  });
});
