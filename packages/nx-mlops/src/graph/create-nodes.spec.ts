import type { ProjectConfiguration } from '@nx/devkit';
import fc from 'fast-check';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createNodes } from './create-nodes';
import { forgetGraphCaches, graphCacheFile } from './graph-cache';
import type { PluginOptions } from './plugin-options';
import {
  TemporaryWorkspace,
  datasetConfig,
  mlopsConfig,
  modelConfig,
  type WorkspaceFiles,
} from './temporary-workspace.fixture';

const importsAreRead = { pluginsConfig: { '@nx/js': { analyzeSourceFiles: true } } };

const oneOfEach: WorkspaceFiles = {
  'mlops.json': mlopsConfig,
  'node_modules/typescript/package.json': { name: 'typescript', main: 'index.js' },
  'node_modules/typescript/index.js': '',
  'package-lock.json': { packages: { 'node_modules/onnxruntime-node': {} } },
  'ml/flights/dataset.config.json': datasetConfig({ prepare: { sql: 'prepare.sql' } }),
  'ml/late/model.config.json': modelConfig(),
};

let workspace: TemporaryWorkspace;
let warnings: jest.SpyInstance;

beforeEach(() => {
  warnings = jest.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  workspace.dispose();
  warnings.mockRestore();
  forgetGraphCaches();
});

function given(files: WorkspaceFiles, nxJson: object = importsAreRead): void {
  workspace = new TemporaryWorkspace(files, nxJson);
}

async function projects(options?: PluginOptions): Promise<Record<string, ProjectConfiguration>> {
  const found = configFiles(workspace.folder);
  const nodes = await createNodes[1](found, options, workspace.context);
  return Object.fromEntries(
    nodes.flatMap(([, result]) =>
      Object.values(result.projects ?? {}).map((project) => [project.name, project as ProjectConfiguration]),
    ),
  );
}

function configFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      (file) => /^(model|dataset)\.config\.json$/.test(basename(file)) && !file.includes('node_modules'),
    );
}

const messages = () => warnings.mock.calls.flat();

describe('createNodes', () => {
  it('gives a dataset lock, prepare, validate, infer, push and pull', async () => {
    given(oneOfEach);
    const { flights } = await projects();
    expect(flights).toEqual({
      name: 'flights',
      root: 'ml/flights',
      metadata: {
        technologies: ['onnx'],
        targetGroups: { MLOps: ['lock', 'prepare', 'validate', 'infer', 'push', 'pull'] },
      },
      targets: {
        lock: {
          executor: 'nx-mlops:lock',
          options: {},
          cache: false,
          inputs: [
            {
              json: '{projectRoot}/dataset.config.json',
              excludeFields: [
                '$schema',
                'name',
                'description',
                'prepare',
                'splits',
                'splitBy',
                'schema',
                'validation',
              ],
            },
            { externalDependencies: [] },
          ],
          metadata: expect.objectContaining({
            help: { command: 'npx nx run flights:lock --help', example: {} },
          }),
        },
        prepare: {
          executor: 'nx-mlops:prepare',
          options: {},
          cache: true,
          inputs: [
            {
              json: '{projectRoot}/dataset.config.json',
              excludeFields: ['$schema', 'name', 'description', 'schema', 'validation'],
            },
            '{projectRoot}/dataset.lock.json',
            '{workspaceRoot}/ml/flights/prepare.sql',
            { externalDependencies: [] },
            { runtime: 'echo nx-mlops-prepare-1' },
          ],
          outputs: ['{projectRoot}/.mlops/prepared'],
          metadata: expect.anything(),
        },
        validate: {
          executor: 'nx-mlops:validate',
          options: {},
          cache: true,
          dependsOn: ['prepare'],
          inputs: [
            {
              json: '{projectRoot}/dataset.config.json',
              excludeFields: ['$schema', 'name', 'description', 'sources', 'prepare'],
            },
            { dependentTasksOutputFiles: '**/dataset.manifest.json' },
            { externalDependencies: [] },
            { runtime: 'echo nx-mlops-validate-2' },
          ],
          outputs: ['{projectRoot}/.mlops/validation'],
          metadata: expect.anything(),
        },
        infer: {
          executor: 'nx-mlops:infer',
          options: {},
          cache: false,
          dependsOn: ['prepare'],
          inputs: [
            {
              json: '{projectRoot}/dataset.config.json',
              excludeFields: ['$schema', 'name', 'description', 'sources', 'prepare'],
            },
            { dependentTasksOutputFiles: '**/dataset.manifest.json' },
            { externalDependencies: [] },
          ],
          metadata: expect.anything(),
        },
        push: {
          executor: 'nx-mlops:push',
          options: {},
          cache: false,
          inputs: ['{projectRoot}/dataset.lock.json', { externalDependencies: [] }],
          metadata: expect.anything(),
        },
        pull: {
          executor: 'nx-mlops:pull',
          options: {},
          cache: false,
          inputs: ['{projectRoot}/dataset.lock.json', { externalDependencies: [] }],
          metadata: expect.anything(),
        },
      },
    });
  });

  describe('a dataset that is made from another', () => {
    const delays = (sources: object) => datasetConfig({ sources, prepare: { sql: 'p.sql' }, name: 'delays' });

    it('is prepared after that was validated, and keyed by the manifests of the splits that it reads', async () => {
      given({
        ...oneOfEach,
        'ml/weather/dataset.config.json': datasetConfig({ name: '@acme/weather' }),
        'ml/delays/dataset.config.json': delays({
          a: { dataset: 'flights:train' },
          b: { dataset: '@acme/weather:test' },
          c: { path: 'x.csv' },
        }),
      });
      const prepare = (await projects())['delays']?.targets?.['prepare'];
      expect(messages()).toEqual([]);
      expect(prepare?.dependsOn).toEqual([{ projects: ['@acme/weather', 'flights'], target: 'validate' }]);
      expect(prepare?.inputs).toEqual([
        expect.objectContaining({ json: '{projectRoot}/dataset.config.json' }),
        '{projectRoot}/dataset.lock.json',
        '{workspaceRoot}/ml/delays/p.sql',
        { externalDependencies: [] },
        { dependentTasksOutputFiles: '**/flights.train.split.json', transitive: true },
        { dependentTasksOutputFiles: '**/acme-weather.test.split.json', transitive: true },
        { runtime: 'echo nx-mlops-prepare-1' },
      ]);
    });

    it.each<[string, string, RegExp]>([
      [
        'an unknown dataset',
        'flihgts:train',
        /sources\.a\.dataset: "flihgts" is no dataset of this workspace\. Did you mean "flights"\?/,
      ],
      [
        'an unknown split',
        'flights:tran',
        /sources\.a\.dataset: dataset "flights" has no split "tran"\. Did you mean "train"\?/,
      ],
      ['itself', 'delays:train', /sources\.a\.dataset: a dataset cannot be made from itself\./],
    ])('cannot name %s, and the others stay whole', async (_, dataset, words) => {
      given({ ...oneOfEach, 'ml/delays/dataset.config.json': delays({ a: { dataset } }) });
      const { delays: broken, flights } = await projects();
      expect(messages().join()).toMatch(words);
      expect(broken?.targets?.['prepare']?.metadata?.description).toMatch(words);
      expect(broken?.targets?.['prepare']).not.toHaveProperty('dependsOn');
      expect(flights?.targets?.['prepare']?.cache).toBe(true);
    });

    it('is refused on a cycle, which is named; a dataset that is only made from one of them is not', async () => {
      const made = (name: string, from: string) =>
        datasetConfig({ name, sources: { s: { dataset: `${from}:train` } } });
      given({
        'mlops.json': mlopsConfig,
        'ml/a/dataset.config.json': made('a', 'b'),
        'ml/b/dataset.config.json': made('b', 'c'),
        'ml/c/dataset.config.json': made('c', 'a'),
        'ml/d/dataset.config.json': made('d', 'a'),
      });
      const found = await projects();
      expect(messages()).toEqual([
        expect.stringContaining(
          'ml/a/dataset.config.json: sources.s.dataset: the dataset would be made from itself: "a" is made from "b" is made from "c" is made from "a".',
        ),
        expect.stringContaining('"b" is made from "c" is made from "a" is made from "b".'),
        expect.stringContaining('"c" is made from "a" is made from "b" is made from "c".'),
      ]);
      expect(found['d']?.targets?.['prepare']?.cache).toBe(true);
    });
  });

  it.each([
    ['a TypeScript script', { entry: 'src/prepare.ts' }, ['process.versions'], ['uv.lock', '--version']],
    ['a Python script', { entry: 'prepare.py' }, ['uv.lock', '--version'], ['process.versions']],
    ['a command', { command: ['make', 'data'] }, ['uv.lock', '--version', 'process.versions'], []],
  ])(
    'keys a dataset that %s prepares by code, interpreter and lock files',
    async (_, prepare, there, absent) => {
      given({ ...oneOfEach, 'ml/flights/dataset.config.json': datasetConfig({ prepare }) });
      const { inputs } = (await projects())['flights']?.targets?.['prepare'] ?? {};
      expect(inputs).toEqual(
        expect.arrayContaining([
          {
            json: '{projectRoot}/dataset.config.json',
            excludeFields: [
              '$schema',
              'name',
              'description',
              'schema',
              'validation',
              'prepare.timeoutMinutes',
            ],
          },
          '{projectRoot}/dataset.lock.json',
          '{projectRoot}/**/*',
          '!{projectRoot}/**/*.md',
          '!{projectRoot}/**/*.spec.*',
          { runtime: 'echo nx-mlops-prepare-1' },
        ]),
      );
      const text = JSON.stringify(inputs);
      for (const part of there) expect(text).toContain(part);
      for (const part of absent) expect(text).not.toContain(part);
    },
  );

  it('gives a model its targets, from train to serve', async () => {
    given(oneOfEach);
    const { late } = await projects();
    expect(Object.keys(late?.targets ?? {})).toEqual([
      'train',
      'evaluate',
      'gate',
      'deploy',
      'promote',
      'approve',
      'advance',
      'watch',
      'abort',
      'rollback',
      'status',
      'diff',
      'history',
      'serve',
    ]);
    expect(late?.metadata?.targetGroups).toEqual({ MLOps: Object.keys(late?.targets ?? {}) });
    for (const [name, target] of Object.entries(late?.targets ?? {})) {
      expect(target).toMatchObject({ executor: `nx-mlops:${name}`, options: {} });
      expect(target.cache).toBe(['train', 'evaluate'].includes(name));
      expect(target.metadata?.description).toBeTruthy();
    }
  });

  it('keys a training by its config, code, splits and environment', async () => {
    given(oneOfEach);
    const { train } = (await projects())['late']?.targets ?? {};
    expect(train).toMatchObject({
      dependsOn: [{ projects: ['flights'], target: 'validate' }],
      outputs: ['{projectRoot}/.mlops/model'],
    });
    expect(train).not.toHaveProperty('parallelism');
    expect(train?.inputs).toEqual(
      expect.arrayContaining([
        {
          json: '{projectRoot}/model.config.json',
          excludeFields: [
            '$schema',
            'name',
            'description',
            'evaluation',
            'datasets.test',
            'training.timeoutMinutes',
            'training.resourceClass',
          ],
        },
        '{projectRoot}/**/*',
        '!{projectRoot}/{model,dataset}.config.json',
        '!{projectRoot}/**/*.md',
        '!{projectRoot}/**/*.spec.*',
        { externalDependencies: [] },
        { runtime: 'node -p process.versions.modules' },
        { dependentTasksOutputFiles: '**/flights.train.split.json', transitive: true },
        { runtime: 'echo nx-mlops-train-1' },
      ]),
    );
    expect(JSON.stringify(train?.inputs)).not.toContain('flights.test.split.json');
  });

  it('keys an evaluation by the model that came out, the test split and what is measured', async () => {
    given(oneOfEach);
    const { evaluate } = (await projects())['late']?.targets ?? {};
    expect(evaluate).toMatchObject({
      dependsOn: ['train', { projects: ['flights'], target: 'validate' }],
      inputs: [
        {
          json: '{projectRoot}/model.config.json',
          excludeFields: [
            '$schema',
            'name',
            'description',
            'training',
            'datasets.train',
            'datasets.validation',
            'evaluation.gates',
            'evaluation.timeoutMinutes',
          ],
        },
        { dependentTasksOutputFiles: '**/model.manifest.json', transitive: true },
        { dependentTasksOutputFiles: '**/flights.test.split.json', transitive: true },
        { externalDependencies: ['onnxruntime-node'] },
        { runtime: 'echo nx-mlops-evaluate-3' },
      ],
      outputs: ['{projectRoot}/.mlops/evaluation'],
    });
  });

  it('keys an evaluation by the validation split too, where the threshold is chosen on it', async () => {
    const datasets = { train: 'flights:train', validation: 'weather:train', test: 'flights:test' };
    const evaluateOf = async (threshold: unknown) => {
      given({
        ...oneOfEach,
        'ml/weather/dataset.config.json': datasetConfig(),
        'ml/late/model.config.json': modelConfig({ datasets, evaluation: { threshold } }),
      });
      const { evaluate } = (await projects())['late']?.targets ?? {};
      return { dependsOn: evaluate?.dependsOn, inputs: JSON.stringify(evaluate?.inputs) };
    };
    const chosen = await evaluateOf({ maximise: 'f1' });
    expect(chosen.dependsOn).toEqual(['train', { projects: ['flights', 'weather'], target: 'validate' }]);
    expect(chosen.inputs).toContain('**/weather.train.split.json');
    expect(chosen.inputs).not.toContain('datasets.validation');
    workspace.dispose();
    const fixed = await evaluateOf(0.3);
    expect(fixed.dependsOn).toEqual(['train', { projects: ['flights'], target: 'validate' }]);
    expect(fixed.inputs).not.toContain('weather');
    expect(fixed.inputs).toContain('datasets.validation');
  });

  it('offers the environments as configurations of the targets that work on one', async () => {
    given(oneOfEach);
    const { targets = {} } = (await projects())['late'] ?? {};
    for (const name of ['deploy', 'promote', 'watch', 'abort', 'rollback', 'history', 'serve']) {
      expect(targets[name]?.configurations).toEqual({ staging: {}, production: {} });
    }
    expect(targets['deploy']?.dependsOn).toEqual(['gate']);
    expect(targets['gate']?.dependsOn).toEqual(['evaluate']);
    expect(targets['serve']).toMatchObject({
      continuous: true,
      readyWhen: { logMatches: 'nx-mlops-server ready' },
    });
  });

  it('offers the environments of the options instead, so that a new one in mlops.json changes no hash', async () => {
    given(oneOfEach);
    const { targets = {} } = (await projects({ environments: ['live', 'next'] }))['late'] ?? {};
    expect(Object.keys(targets['deploy']?.configurations ?? {})).toEqual(['live', 'next']);
  });

  it('names targets by the options and points at those names', async () => {
    given(oneOfEach);
    const { late, flights } = await projects({ trainTargetName: 'fit', validateTargetName: 'check' });
    expect(late?.targets?.['fit']?.dependsOn).toEqual([{ projects: ['flights'], target: 'check' }]);
    expect(late?.targets?.['evaluate']?.dependsOn).toContain('fit');
    expect(flights?.targets?.['check']?.executor).toBe('nx-mlops:validate');
    expect(late?.metadata?.targetGroups?.['MLOps']).toContain('fit');
  });

  it("has a dataset's own checks in the key of validate alone", async () => {
    given({
      ...oneOfEach,
      'ml/flights/dataset.config.json': datasetConfig({ validation: { sql: '../checks' } }),
    });
    const { flights } = await projects();
    expect(flights?.targets?.['validate']?.inputs).toContain('{workspaceRoot}/ml/checks/*.sql');
    expect(JSON.stringify(flights?.targets?.['prepare'])).not.toContain('checks');
  });

  it('changes no option and no configuration when gates change', async () => {
    given(oneOfEach);
    const before = await projects();
    workspace.write({
      'ml/late/model.config.json': modelConfig({ evaluation: { gates: [{ metric: 'roc-auc', min: 0.6 }] } }),
    });
    expect(await projects()).toEqual(before);
  });

  describe('when Nx does not read imports', () => {
    it.each([
      ['nx.json does not ask for it', oneOfEach, {}],
      [
        'TypeScript is not installed',
        Object.fromEntries(Object.entries(oneOfEach).filter(([file]) => !file.includes('typescript'))),
        importsAreRead,
      ],
    ])('keys a training by all code and all npm packages: %s', async (_, files, nxJson) => {
      given(files, nxJson);
      const { inputs } = (await projects())['late']?.targets?.['train'] ?? {};
      expect(inputs).toContain('{workspaceRoot}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}');
      expect(JSON.stringify(inputs)).not.toContain('externalDependencies');
    });
  });

  it.each([
    ['a Python script', { entry: 'train.py' }, ['uv.lock', '--version'], ['process.versions', 'onnxruntime']],
    ['a TypeScript script', { entry: 'train.ts' }, ['process.versions'], ['uv.lock', '--version']],
    ['a command', { command: ['make', 'train'] }, ['uv.lock', '--version', 'process.versions'], []],
  ])('keys %s by its own interpreter and lock files', async (_, training, there, absent) => {
    given({ ...oneOfEach, 'ml/late/model.config.json': modelConfig({ training }) });
    const text = JSON.stringify((await projects())['late']?.targets?.['train']?.inputs);
    for (const part of there) expect(text).toContain(part);
    for (const part of absent) expect(text).not.toContain(part);
  });

  it('runs trainings that need the GPU one at a time', async () => {
    given({
      ...oneOfEach,
      'ml/late/model.config.json': modelConfig({ training: { entry: 'train.ts', gpu: true } }),
    });
    expect((await projects())['late']?.targets?.['train']?.parallelism).toBe(false);
  });

  it.each([
    [{ gpu: true }, 'gpu'],
    [{ gpu: true, resourceClass: 'big-gpu' }, 'big-gpu'],
    [{ resourceClass: 'high-memory' }, 'high-memory'],
    [{}, undefined],
  ])('says for CI which machines train %j, outside of the key', async (training, resourceClass) => {
    given({
      ...oneOfEach,
      'ml/late/model.config.json': modelConfig({ training: { entry: 'train.ts', ...training } }),
    });
    const train = (await projects())['late']?.targets?.['train'];
    expect(train?.metadata?.['resourceClass']).toBe(resourceClass);
    expect(train?.inputs?.[0]).toMatchObject({
      excludeFields: expect.arrayContaining(['training.resourceClass']),
    });
  });

  it('reads a split of each of several datasets, by the file names of scoped projects', async () => {
    given({
      ...oneOfEach,
      'ml/weather/dataset.config.json': datasetConfig({ name: '@acme/weather' }),
      'ml/late/model.config.json': modelConfig({
        datasets: { train: 'flights:train', validation: '@acme/weather:train', test: '@acme/weather:test' },
      }),
    });
    const { train, evaluate } = (await projects())['late']?.targets ?? {};
    expect(train?.dependsOn).toEqual([{ projects: ['@acme/weather', 'flights'], target: 'validate' }]);
    expect(train?.inputs).toContainEqual({
      dependentTasksOutputFiles: '**/acme-weather.train.split.json',
      transitive: true,
    });
    expect(evaluate?.dependsOn).toEqual(['train', { projects: ['@acme/weather'], target: 'validate' }]);
  });

  describe('names a project', () => {
    it.each<[string, WorkspaceFiles, string]>([
      ['by its folder', {}, 'late'],
      ['by its config', { 'ml/late/model.config.json': modelConfig({ name: 'delay' }) }, 'delay'],
      ['by project.json', { 'ml/late/project.json': '{ "name": "delay", } // a comment' }, 'delay'],
      ['by package.json', { 'ml/late/package.json': { name: '@acme/delay' } }, '@acme/delay'],
      ['by "nx" in package.json', { 'ml/late/package.json': { name: 'a', nx: { name: 'delay' } } }, 'delay'],
      [
        'by project.json before package.json',
        { 'ml/late/package.json': { name: 'a' }, 'ml/late/project.json': { name: 'delay' } },
        'delay',
      ],
    ])('%s', async (_, files, name) => {
      given({ ...oneOfEach, ...files });
      expect(Object.keys(await projects())).toEqual(['flights', name]);
      expect(messages()).toEqual([]);
    });

    it('refuses a config that says another name than project.json', async () => {
      given({
        ...oneOfEach,
        'ml/late/project.json': { name: 'delay' },
        'ml/late/model.config.json': modelConfig({ name: 'tardy' }),
      });
      expect((await projects())['delay']?.metadata?.description).toMatch(/"tardy" is not what .* "delay"/);
    });
  });

  describe('a config that cannot be used', () => {
    it.each<[string, WorkspaceFiles, string]>([
      [
        'an unknown key',
        { 'ml/late/model.config.json': modelConfig({ evaluation: { gatez: [] } }) },
        'ml/late/model.config.json: evaluation.gatez: unknown key. Did you mean "gates"?',
      ],
      [
        'no JSON',
        { 'ml/late/model.config.json': '{\n  "task": ,\n}' },
        'ml/late/model.config.json: line 2, column',
      ],
      ['an empty file', { 'ml/late/model.config.json': '' }, 'ml/late/model.config.json: line 1, column 1'],
      [
        'an unknown dataset',
        {
          'ml/late/model.config.json': modelConfig({
            datasets: { train: 'fligths:train', test: 'flights:test' },
          }),
        },
        'ml/late/model.config.json: datasets.train: "fligths" is no dataset of this workspace. Did you mean "flights"?',
      ],
      [
        'an unknown split',
        {
          'ml/late/model.config.json': modelConfig({
            datasets: { train: 'flights:train', test: 'flights:tset' },
          }),
        },
        'ml/late/model.config.json: datasets.test: dataset "flights" has no split "tset". Did you mean "test"?',
      ],
    ])('names what is wrong and leaves the other projects as they are: %s', async (_, files, message) => {
      given(oneOfEach);
      const whole = await projects();
      workspace.write(files);
      const { flights, late } = await projects();
      expect(flights).toEqual(whole['flights']);
      expect(late?.metadata?.description).toContain(message);
      expect(late?.targets?.['train']).toMatchObject({ executor: 'nx-mlops:train', cache: false });
      expect(Object.keys(late?.targets ?? {})).toEqual(Object.keys(whole['late']?.targets ?? {}));
      expect(messages()).toEqual([expect.stringContaining(message)]);
    });

    it('does not blame the models of a broken dataset', async () => {
      given({ ...oneOfEach, 'ml/flights/dataset.config.json': '{' });
      const { flights, late } = await projects();
      expect(flights?.metadata?.description).toMatch(/^Broken/);
      expect(late?.targets?.['train']?.cache).toBe(true);
      expect(messages()).toHaveLength(1);
    });

    it.each([
      ['a key is wrong', JSON.stringify(modelConfig({ name: 'delay', featurs: [] }))],
      ['it is no JSON', '{ "name": "delay", "task": , }'],
    ])('keeps the name that it gives while %s', async (_, text) => {
      given({ ...oneOfEach, 'ml/late/model.config.json': text });
      expect(Object.keys(await projects())).toEqual(['flights', 'delay']);
    });

    it('is whole again once it is mended', async () => {
      given(oneOfEach);
      const whole = await projects();
      workspace.write({ 'ml/late/model.config.json': '{' });
      await projects();
      workspace.write({ 'ml/late/model.config.json': modelConfig() });
      expect(await projects()).toEqual(whole);
    });
  });

  it.each<[string, unknown, string]>([
    ['missing', undefined, 'mlops.json: is not there'],
    ['broken', '{', 'mlops.json: line 1'],
    ['misspelt', { enviroments: [] }, 'Did you mean "environments"?'],
  ])('keeps the projects and says so when mlops.json is %s', async (_, content, message) => {
    given({ ...oneOfEach, 'mlops.json': content ?? '' });
    if (content === undefined) workspace.delete('mlops.json');
    const { late } = await projects();
    expect(late?.targets?.['train']?.cache).toBe(true);
    expect(late?.targets?.['deploy']?.configurations).toEqual({});
    expect(messages()).toEqual([expect.stringContaining(message)]);
  });

  it('throws for an option that it does not know', async () => {
    given(oneOfEach);
    await expect(projects({ trainTarget: 'fit' } as PluginOptions)).rejects.toThrow(
      'trainTarget is no option',
    );
  });

  it('makes one project of both configs in one folder', async () => {
    given({
      'mlops.json': mlopsConfig,
      'one/dataset.config.json': datasetConfig({ name: 'both' }),
      'one/model.config.json': modelConfig({ datasets: { train: 'both:train', test: 'both:test' } }),
    });
    const nodes = await createNodes[1](configFiles(workspace.folder), undefined, workspace.context);
    expect(nodes.map(([, { projects: made }]) => made?.['one']?.name)).toEqual(['both', 'both']);
    expect(messages()).toEqual([]);
  });

  it('gives the same bytes whatever the order of the files', async () => {
    const files: WorkspaceFiles = { 'mlops.json': mlopsConfig };
    for (const index of [1, 2, 3]) {
      files[`data/flights${index}/dataset.config.json`] = datasetConfig();
      files[`ml/late${index}/model.config.json`] = modelConfig({
        datasets: { train: `flights${index}:train`, test: 'flights1:test' },
      });
    }
    given(files);
    const found = configFiles(workspace.folder);
    const expected = JSON.stringify(await createNodes[1](found, undefined, workspace.context));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(found, { minLength: found.length }), async (shuffled) => {
        forgetGraphCaches();
        const cacheFile = graphCacheFile(workspace.folder, undefined);
        writeFileSync(cacheFile, '');
        expect(JSON.stringify(await createNodes[1](shuffled, undefined, workspace.context))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the cache of the graph', () => {
  const cacheFile = () => graphCacheFile(workspace.folder, undefined);

  it('gives in a new process what the first one made, and is not written again', async () => {
    given(oneOfEach);
    const first = await projects();
    const written = statSync(cacheFile()).mtimeMs;
    forgetGraphCaches();
    expect(await projects()).toEqual(first);
    expect(statSync(cacheFile()).mtimeMs).toBe(written);
  });

  it.each<[string, WorkspaceFiles, string, string]>([
    ['the config', { 'ml/late/model.config.json': modelConfig({ description: 'Delays' }) }, 'late', 'Delays'],
    ['project.json', { 'ml/late/project.json': { name: 'delay' } }, 'delay', 'nx run delay:train'],
    ['mlops.json', { 'mlops.json': { environments: [{ name: 'live' }] } }, 'late', '"live":{}'],
    [
      'the lockfile',
      { 'package-lock.json': '{}' },
      'late',
      'flights.test.split.json","transitive":true},{"externalDependencies":[]}',
    ],
  ])('sees a change of %s', async (_, files, name, part) => {
    given(oneOfEach);
    expect(JSON.stringify(await projects())).not.toContain(part);
    workspace.write(files);
    expect(JSON.stringify((await projects())[name])).toContain(part);
  });

  it('sees a dataset that went away', async () => {
    given(oneOfEach);
    await projects();
    workspace.delete('ml/flights');
    expect((await projects())['late']?.metadata?.description).toMatch(/"flights" is no dataset/);
  });

  it.each([
    ['half written', (text: string) => text.slice(0, text.length / 2)],
    [
      'of another version',
      (text: string) => text.replace(/"pluginVersion":"[^"]*"/, '"pluginVersion":"0.0.0"'),
    ],
    ['no object', () => '3'],
  ])('is made anew when it is %s', async (_, damage) => {
    given(oneOfEach);
    const whole = await projects();
    const text = readFileSync(cacheFile(), 'utf8');
    expect(text).toContain('nx run late:train');
    writeFileSync(cacheFile(), damage(text.replace('nx run late:train', 'nx run stale:train')));
    forgetGraphCaches();
    expect(await projects()).toEqual(whole);
    expect(readFileSync(cacheFile(), 'utf8')).toBe(text);
  });

  it('is not needed: a folder that takes no file costs nothing but time', async () => {
    given({ ...oneOfEach, '.nx': 'a file where the folder should be' });
    expect(Object.keys(await projects())).toEqual(['flights', 'late']);
  });

  it('is not touched by what Nx does to the projects it gets', async () => {
    given(oneOfEach);
    const first = await projects();
    const whole = structuredClone(first);
    delete first['late']?.targets?.['train'];
    expect(await projects()).toEqual(whole);
  });

  it('lies where Nx is told to keep its data', () => {
    given({});
    const file = (environment: NodeJS.ProcessEnv) => graphCacheFile(workspace.folder, undefined, environment);
    expect(file({})).toContain(join(workspace.folder, '.nx', 'workspace-data'));
    expect(file({ NX_WORKSPACE_DATA_DIRECTORY: 'elsewhere' })).toContain(join(workspace.folder, 'elsewhere'));
  });
});
