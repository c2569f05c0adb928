import type { CreateDependenciesContext, ProjectConfiguration } from '@nx/devkit';
import { createDependencies } from './create-dependencies';
import { createNodes } from './create-nodes';
import {
  TemporaryWorkspace,
  datasetConfig,
  mlopsConfig,
  modelConfig,
  type WorkspaceFiles,
} from './temporary-workspace.fixture';

const files: WorkspaceFiles = {
  'mlops.json': mlopsConfig,
  'ml/flights/dataset.config.json': datasetConfig(),
  'ml/weather/dataset.config.json': datasetConfig(),
  'ml/delays/dataset.config.json': datasetConfig({
    sources: { a: { dataset: 'flights:train' }, b: { dataset: 'flights:test' }, c: { path: 'x.csv' } },
    prepare: { sql: 'p.sql' },
  }),
  'ml/late/model.config.json': modelConfig({
    datasets: { train: 'flights:train', validation: 'weather:train', test: 'flights:test' },
  }),
  'ml/broken/model.config.json': '{',
};
const configs = Object.keys(files).filter((file) => file.endsWith('.config.json'));

let workspace: TemporaryWorkspace;
beforeEach(() => {
  workspace = new TemporaryWorkspace(files);
  jest.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  workspace.dispose();
  jest.restoreAllMocks();
});

function context(projects: Record<string, ProjectConfiguration>): CreateDependenciesContext {
  return {
    ...workspace.context,
    externalNodes: {},
    projects,
    fileMap: {
      nonProjectFiles: [],
      projectFileMap: { late: configs.map((file) => ({ file, hash: '' })) },
    },
    filesToProcess: { nonProjectFiles: [], projectFileMap: {} },
  };
}

const all = {
  flights: { root: 'ml/flights' },
  weather: { root: 'ml/weather' },
  delays: { root: 'ml/delays' },
  late: { root: 'ml/late' },
  broken: { root: 'ml/broken' },
};

const edge = (target: string, source = 'late', sourceFile = 'ml/late/model.config.json') => ({
  source,
  target,
  sourceFile,
  type: 'static',
});
const ofDelays = edge('flights', 'delays', 'ml/delays/dataset.config.json');

describe('createDependencies', () => {
  it('draws an edge from a model or dataset to each dataset that it is made from, once', async () => {
    await createNodes[1](configs, undefined, workspace.context);
    expect(await createDependencies(undefined, context(all))).toEqual([
      ofDelays,
      edge('flights'),
      edge('weather'),
    ]);
  });

  it('draws the same edges when nobody made the nodes before', async () => {
    expect(await createDependencies(undefined, context(all))).toEqual([
      ofDelays,
      edge('flights'),
      edge('weather'),
    ]);
  });

  it('calls the model what package.json or project.json made of it', async () => {
    const { late, ...others } = all;
    await createNodes[1](configs, undefined, workspace.context);
    expect(await createDependencies(undefined, context({ ...others, '@acme/late': late }))).toEqual([
      ofDelays,
      edge('flights', '@acme/late'),
      edge('weather', '@acme/late'),
    ]);
  });

  it('draws no edge from a dataset to itself', async () => {
    workspace.write({
      'ml/delays/dataset.config.json': datasetConfig({ sources: { a: { dataset: 'delays:train' } } }),
    });
    await createNodes[1](configs, undefined, workspace.context);
    expect(await createDependencies(undefined, context(all))).toEqual([edge('flights'), edge('weather')]);
  });

  it('draws no edge to a project that Nx does not have, which would stop the graph', async () => {
    const { weather, late } = all;
    await createNodes[1](configs, undefined, workspace.context);
    expect(await createDependencies(undefined, context({ weather, late }))).toEqual([edge('weather')]);
  });
});
