import fc from 'fast-check';
import { appendFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { withoutModules } from '../without-modules.fixture';
import { lockProject } from './lock-project';
import type * as LockProject from './lock-project';
import { lookAtSources } from './look-at-sources';
import { recallSources, rememberConfig } from './unchanged-sources';

const version = jest.fn(() => '1.0.0');
jest.mock('../../plugin-version', () => ({ readPluginVersion: () => version() }));

const past = new Date('2020-01-01T00:00:00Z');

describe('lockProject', () => {
  let dataset: TemporaryDataset;
  let text: string;
  const path = (name: string) => join(dataset.project.folder, name);
  const remembered = () => readFileSync(path('.mlops/sources.unchanged'), 'utf8');
  const remember = (bytes: string) => writeFileSync(path('.mlops/sources.unchanged'), bytes);
  /** As if the files had been written long ago. */
  const lock = async (configText = text) => {
    jest.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + performance.now() + 60_000);
    return lockProject(dataset.project, configText, dataset.io).finally(() => jest.restoreAllMocks());
  };
  const isRecalled = async (configText = text) =>
    (await recallSources(dataset.project, configText)) !== undefined;
  const withPath = (path: string) =>
    JSON.stringify({ sources: { raw: { path } }, splits: { all: { fraction: 1 } } }, null, 2);

  const newDataset = (path: string) => {
    text = withPath(path);
    const made = temporaryDataset(JSON.parse(text), {
      'dataset.config.json': text,
      'data/a.csv': 'aa',
      'data/b.csv': 'bb',
      'more/c.csv': 'cc',
    });
    for (const name of ['data/a.csv', 'data/b.csv', 'more/c.csv'])
      utimesSync(join(made.project.folder, name), past, past);
    return made;
  };

  beforeEach(async () => {
    version.mockReturnValue('1.0.0');
    dataset = newDataset('data/*.csv');
    expect(await lock()).toMatchObject({ written: true, total: { files: 2, bytes: 4 } });
  });

  it('needs neither a schema nor what hashes when nothing changed', async () => {
    const { project } = dataset;
    const printed: string[] = [];
    await withoutModules(['zod', '@nx-mlops/core', join(__dirname, 'lock-dataset')], async () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- after the mocks
      const light = require('./lock-project') as typeof LockProject;
      const io = { print: (line: string) => void printed.push(line) };
      await light.lockProject(project, text, io);
      writeFileSync(path('data/a.csv'), 'AAA');
      await expect(light.lockProject(project, text, io)).rejects.toThrow('was loaded.');
    });
    expect(printed).toEqual([
      'ml/late flights/dataset.lock.json is up to date: 2 files, 4 bytes (nothing had to be read).',
    ]);
  });

  it('reads a config anew whose text changed, and knows it from then on', async () => {
    const edited = `// Daily.\n${text}`;
    expect(await isRecalled(edited)).toBe(false);
    expect(await lock(edited)).toMatchObject({ written: false, hashed: { files: 0 } });
    expect(await isRecalled(edited)).toBe(true);
    expect(await isRecalled()).toBe(false);
  });

  it.each([
    ['another glob', (now: string) => now.replace('data/*.csv', '**/*.csv'), ['added more/c.csv']],
    ['another file', (now: string) => now.replace('data/*.csv', 'data/a.csv'), ['removed data/b.csv']],
  ])('does not overlook %s in the config', async (_, edit, changes) => {
    const result = await lock(edit(text));
    expect(result.changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual(changes);
    expect(await isRecalled(edit(text))).toBe(true);
  });

  it.each([
    ['a broken config', '{', 'MLOPS_CONFIG_SYNTAX'],
    ['an unknown key', '{ "sourcse": {} }', 'MLOPS_CONFIG_INVALID'],
  ])('refuses %s, whatever it knew before', async (_, edited, code) => {
    await expect(lock(edited)).rejects.toMatchObject({ code });
    expect(await lock()).toMatchObject({ written: false });
  });

  it('says which files are gone', async () => {
    renameSync(path('data'), path('elsewhere'));
    await expect(lock()).rejects.toMatchObject({ code: 'MLOPS_SOURCE_MISSING' });
  });

  it('takes what it saw into the lock', async () => {
    writeFileSync(path('data/a.csv'), 'AAA');
    utimesSync(path('data/a.csv'), past, past);
    const result = await lock();
    expect(result).toMatchObject({ written: true, hashed: { files: 1, bytes: 3 } });
    expect(result.changes).toMatchObject([{ kind: 'changed', path: 'data/a.csv' }]);
    expect(await isRecalled()).toBe(true);
  });

  it('trusts nothing that another version of the plugin kept', async () => {
    version.mockReturnValue('1.0.1');
    expect(await isRecalled()).toBe(false);
    expect(await lock()).toMatchObject({ written: false, hashed: { files: 0 } });
    expect(await isRecalled()).toBe(true);
    version.mockReturnValue('1.0.0');
    expect(await isRecalled()).toBe(false);
  });

  it('trusts no lock that was edited, and no stat cache that was written anew', async () => {
    appendFileSync(path('dataset.lock.json'), '\n');
    expect(await isRecalled()).toBe(false);
    await lock();
    expect(await isRecalled()).toBe(true);
    appendFileSync(path('.mlops/sources.stat-cache'), '\n');
    expect(await isRecalled()).toBe(false);
  });

  it('does not trust what another dataset kept', async () => {
    const own = dataset;
    dataset = newDataset('data/a.csv');
    await lock();
    const foreign = remembered();
    dataset = own;
    remember(foreign);
    text = withPath('data/*.csv');
    expect(await isRecalled()).toBe(false);
    expect(await isRecalled(withPath('data/a.csv'))).toBe(false);
    expect(await lock()).toMatchObject({ written: false, total: { files: 2 } });
  });

  it('does not take a config for that of the sources which another process kept meanwhile', async () => {
    const mine = await lookAtSources(dataset.project, { raw: { path: 'data/*.csv' } });
    const theirs = withPath('**/*.csv');
    await lock(theirs);
    await rememberConfig(dataset.project, mine, text);
    expect(await isRecalled()).toBe(false);
    expect(await isRecalled(theirs)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['JSON', '{}'],
    ['a digest of the first form', `nx-mlops unchanged sources 1 ${'0'.repeat(64)}\n`],
  ])('ignores a file that holds %s', async (_, bytes) => {
    remember(bytes);
    expect(await isRecalled()).toBe(false);
    expect(await lock()).toMatchObject({ written: false, hashed: { files: 0 } });
    expect(await isRecalled()).toBe(true);
  });

  it('ignores a file that was cut, or of which a character is another', async () => {
    const whole = remembered();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.boolean(), async (at, isCut) => {
        const other = whole[at] === '0' ? '1' : '0';
        remember(isCut ? whole.slice(0, at) : whole.slice(0, at) + other + whole.slice(at + 1));
        expect(await isRecalled()).toBe(false);
      }),
    );
    remember(whole);
    expect(await isRecalled()).toBe(true);
  });
});
