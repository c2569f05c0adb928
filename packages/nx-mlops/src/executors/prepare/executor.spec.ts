import type { ExecutorContext } from '@nx/devkit';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import inferExecutor from '../infer/executor';
import lockExecutor from '../lock/executor';
import validateExecutor from '../validate/executor';
import prepareExecutor from './executor';

tmp.setGracefulCleanup();

const config = {
  sources: { raw: { path: 'rows.csv' } },
  splits: { train: { where: 'id <= 2' }, test: { where: 'id > 2' } },
  schema: { fields: [{ name: 'id', type: 'integer', constraints: { maximum: 4 } }] },
};

describe('the executors of a dataset', () => {
  let root: string;
  let context: ExecutorContext;
  let printed: string[];
  let complained: string[];
  const write = (name: string, content: string) => writeFileSync(join(root, 'ml', name), content);

  beforeEach(() => {
    root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
    mkdirSync(join(root, 'ml'), { recursive: true });
    write('dataset.config.json', JSON.stringify(config));
    write('rows.csv', 'id\n1\n2\n3\n4\n');
    context = {
      root,
      cwd: root,
      isVerbose: false,
      projectName: 'flights',
      projectsConfigurations: { version: 2, projects: { flights: { root: 'ml' } } },
      nxJsonConfiguration: {},
      projectGraph: { nodes: {}, dependencies: {} },
    };
    printed = [];
    complained = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    jest.spyOn(console, 'error').mockImplementation((line: string) => void complained.push(line));
  });
  afterEach(() => jest.restoreAllMocks());

  it('lock, prepare and validate one after the other', async () => {
    expect(await lockExecutor({}, context)).toEqual({ success: true });
    expect(await prepareExecutor({}, context)).toEqual({ success: true });
    expect(await validateExecutor({}, context)).toEqual({ success: true });
    expect(existsSync(join(root, 'ml/.mlops/validation/validation.json'))).toBe(true);
    expect(printed.join('\n')).toMatch(/split\s+rows[^]*flights is valid/);
    expect(complained).toEqual([]);
  });

  it('infer proposes what the config does not say, and writes it unless it is a dry run', async () => {
    write('dataset.config.json', JSON.stringify({ ...config, schema: undefined }));
    await lockExecutor({}, context);
    await prepareExecutor({}, context);
    const text = () => readFileSync(join(root, 'ml/dataset.config.json'), 'utf8');
    expect(await inferExecutor({ dryRun: true }, context)).toEqual({ success: true });
    expect(text()).not.toContain('"schema"');
    expect(await inferExecutor({}, context)).toEqual({ success: true });
    expect(JSON.parse(text())).toMatchObject({ schema: { fields: [{ name: 'id', type: 'integer' }] } });
  });

  it('fail in one paragraph without a stack when the data is not locked', async () => {
    expect(await prepareExecutor({}, context)).toEqual({ success: false });
    expect(complained).toHaveLength(1);
    expect(complained[0]).toMatch(/^\nMLOPS_LOCK_MISSING ml\/dataset\.lock\.json: .*nx run flights:lock.*$/);
  });

  it('fail when a check fails, naming column, split, rows and values', async () => {
    write('rows.csv', 'id\n1\n2\n3\n4\n77\n');
    await lockExecutor({}, context);
    await prepareExecutor({}, context);
    expect(await validateExecutor({}, context)).toEqual({ success: false });
    expect(printed.join('\n')).toContain(
      'FAIL  test.id maximum: expected: is at most 4; not so in 1 of 3 rows, such as "77"',
    );
  });

  it('prepare a dataset that is made from another, whose bytes are made again where they are gone', async () => {
    mkdirSync(join(root, 'delays'));
    const delays = {
      sources: { flights: { dataset: 'flights:train' } },
      prepare: { entry: 'prepare.cjs' },
      splits: { all: { file: 'all.parquet' } },
    };
    writeFileSync(join(root, 'delays/dataset.config.json'), JSON.stringify(delays));
    writeFileSync(
      join(root, 'delays/prepare.cjs'),
      `const fs = require('node:fs');
       const run = JSON.parse(fs.readFileSync(process.env.MLOPS_RUN, 'utf8'));
       fs.copyFileSync(run.datasets.flights.path, run.outputDir + '/all.parquet');`,
    );
    Object.assign(context.projectsConfigurations.projects, { delays: { root: 'delays' } });
    const ofDelays = { ...context, projectName: 'delays' };
    await lockExecutor({}, context);
    await prepareExecutor({}, context);
    expect(await prepareExecutor({}, ofDelays)).toEqual({ success: true });
    rmSync(join(root, '.mlops'), { recursive: true });
    expect(await validateExecutor({}, ofDelays)).toEqual({ success: true });
    expect(printed.join('\n')).toMatch(/preparing delays again[^]*preparing flights again/);
    expect(complained).toEqual([]);
  });

  it('hand the options on', async () => {
    await lockExecutor({}, context);
    expect(await prepareExecutor({ threads: 1, memoryLimit: '1MB' }, context)).toEqual({ success: false });
    expect(complained.join()).toContain('MLOPS_OUT_OF_MEMORY');
  });
});
