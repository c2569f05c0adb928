import type { ExecutorContext } from '@nx/devkit';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDataset } from '../../data/temporary-dataset.fixture';
import { withoutModules } from '../../data/without-modules.fixture';
import lockExecutor from './executor';
import type * as Executor from './executor';

describe('lockExecutor', () => {
  afterEach(() => jest.restoreAllMocks());

  it('loads no schema where nothing changed, and all of them for a check', async () => {
    const config = { sources: { raw: { path: 'data/*.csv' } }, splits: { all: { fraction: 1 } } };
    const { project } = temporaryDataset(config, {
      'dataset.config.json': JSON.stringify(config),
      'data/a.csv': 'aa',
    });
    const past = new Date('2020-01-01T00:00:00Z');
    utimesSync(join(project.folder, 'data/a.csv'), past, past);
    const context: ExecutorContext = {
      root: project.workspaceRoot,
      cwd: project.workspaceRoot,
      isVerbose: false,
      projectName: project.name,
      projectsConfigurations: { version: 2, projects: { [project.name]: { root: project.root } } },
      nxJsonConfiguration: {},
      projectGraph: { nodes: {}, dependencies: {} },
    };
    const printed: string[] = [];
    const complained: string[] = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    jest.spyOn(console, 'error').mockImplementation((line: string) => void complained.push(line));

    // As if the file had been written long ago.
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    expect(await lockExecutor({}, context)).toEqual({ success: true });
    now.mockRestore();
    expect(await lockExecutor({ check: true }, context)).toEqual({ success: true });
    await withoutModules(['zod', '@nx-mlops/core'], async () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- without those modules
      const light = require('./executor') as typeof Executor;
      expect(await light.default({}, context)).toEqual({ success: true });
      expect(await light.default({ check: true }, context)).toEqual({ success: false });
    });
    expect(printed.slice(1)).toEqual([
      expect.stringContaining('dataset.lock.json written: 1 file, 2 bytes'),
      expect.stringContaining('dataset.lock.json agrees with config and data: 1 file'),
      expect.stringContaining('dataset.lock.json is up to date: 1 file, 2 bytes (nothing had to be read)'),
    ]);
    expect(complained).toEqual([expect.stringContaining('was loaded.')]);
  });
});
