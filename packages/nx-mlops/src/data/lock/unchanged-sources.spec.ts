import { fileSourcesOf, sha256OfBytes, type DatasetConfig } from '@nx-mlops/core';
import fc from 'fast-check';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inspectLock } from './inspect-lock';
import { lockProject } from './lock-project';
import { lookAtSources } from './look-at-sources';
import { areUnchanged, recallSources } from './unchanged-sources';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

const splits = { all: { fraction: 1 } };
const textOf = (config: DatasetConfig) => JSON.stringify(config);
const past = new Date('2020-01-01T00:00:00Z');
/** A clock of file systems ticks this often at least; files written within a tick share their times. */
const TICK_MS = 12;

describe('areUnchanged', () => {
  let dataset: TemporaryDataset;
  const path = (name: string) => join(dataset.project.folder, name);
  /** As if the files had been written long ago. */
  const lock = async (config: DatasetConfig = dataset.config) => {
    await setTimeout(TICK_MS);
    jest.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + performance.now() + 60_000);
    return lockProject(dataset.project, textOf(config), dataset.io).finally(() => jest.restoreAllMocks());
  };
  /** By the sources of a config; and its text alone must say the same. */
  const unchanged = async (config: DatasetConfig = dataset.config) => {
    const { project } = dataset;
    const answer = await areUnchanged(project, await lookAtSources(project, fileSourcesOf(config)));
    const recalled = await recallSources(project, textOf(config));
    expect(recalled?.areSeenAgain(await lookAtSources(project, recalled.sources)) ?? false).toBe(answer);
    return answer;
  };
  const withSources = (sources: DatasetConfig['sources']): DatasetConfig => ({ ...dataset.config, sources });
  const replaceInLock = (from: string, to: string) => {
    const text = readFileSync(path('dataset.lock.json'), 'utf8');
    writeFileSync(path('dataset.lock.json'), text.replace(from, to));
  };
  /** The lock says of each file what reading it says. */
  const expectTrueLock = () => {
    const { sources } = JSON.parse(readFileSync(path('dataset.lock.json'), 'utf8')) as {
      sources: { raw: { files: { path: string; sha256: string; size: number }[] } };
    };
    for (const { path: name, sha256, size } of sources.raw.files) {
      const bytes = readFileSync(path(name));
      expect({ name, sha256, size }).toEqual({ name, sha256: sha256OfBytes(bytes), size: bytes.length });
    }
  };

  beforeEach(async () => {
    dataset = temporaryDataset(
      { sources: { raw: { path: 'data/**/*.csv' } }, splits },
      {
        'data/a.csv': 'aa',
        'data/b.csv': 'bb',
        'data/deep/line\nbreak.csv': 'cc',
        'data/a b ü.csv': 'dd',
        'elsewhere/one.csv': '11',
        'elsewhere/two.csv': '22',
      },
    );
    symlinkSync('../elsewhere/one.csv', path('data/link.csv'));
    for (const name of ['data/a.csv', 'data/b.csv', 'elsewhere/one.csv', 'elsewhere/two.csv']) {
      utimesSync(path(name), past, past);
    }
    await lock();
  });

  it('says so when nothing changed, also after the workspace was moved', async () => {
    expect(await unchanged()).toBe(true);
    const again = await lock();
    expect(again).toMatchObject({ written: false, changes: [], total: { files: 5, bytes: 10 } });
    expect(again.hashed).toEqual({ files: 0, bytes: 0 });
    const { workspaceRoot } = dataset.project;
    renameSync(workspaceRoot, `${workspaceRoot} moved`);
    const folder = join(`${workspaceRoot} moved`, dataset.project.root);
    const project = { ...dataset.project, workspaceRoot: `${workspaceRoot} moved`, folder };
    expect(await areUnchanged(project, await lookAtSources(project, fileSourcesOf(dataset.config)))).toBe(
      true,
    );
  });

  it.each<[string, () => void, string[]]>([
    ['a file added', () => dataset.write('data/deep/new.csv', 'n'), ['added data/deep/new.csv']],
    ['an empty file added', () => dataset.write('data/empty.csv', ''), ['added data/empty.csv']],
    ['a file removed', () => rmSync(path('data/b.csv')), ['removed data/b.csv']],
    [
      'a file renamed',
      () => renameSync(path('data/b.csv'), path('data/c.csv')),
      ['removed data/b.csv', 'added data/c.csv'],
    ],
    [
      'a line break in a name that became a space',
      () => renameSync(path('data/deep/line\nbreak.csv'), path('data/deep/line break.csv')),
      ['added data/deep/line break.csv', 'removed data/deep/line\nbreak.csv'],
    ],
    [
      'two files of one size and time that changed places',
      () => {
        renameSync(path('data/a.csv'), path('data/x'));
        renameSync(path('data/b.csv'), path('data/a.csv'));
        renameSync(path('data/x'), path('data/b.csv'));
      },
      ['changed data/a.csv', 'changed data/b.csv'],
    ],
    [
      'other bytes of the same size under the same modification time',
      () => {
        writeFileSync(path('data/a.csv'), 'AA');
        utimesSync(path('data/a.csv'), past, past);
      },
      ['changed data/a.csv'],
    ],
    [
      'a link that leads to another file',
      () => {
        rmSync(path('data/link.csv'));
        symlinkSync('../elsewhere/two.csv', path('data/link.csv'));
      },
      ['changed data/link.csv'],
    ],
    [
      'other bytes behind a link',
      () => {
        writeFileSync(path('elsewhere/one.csv'), '!!');
        utimesSync(path('elsewhere/one.csv'), past, past);
      },
      ['changed data/link.csv'],
    ],
    [
      'a linked folder',
      () => symlinkSync('../elsewhere', path('data/linked')),
      ['added data/linked/one.csv', 'added data/linked/two.csv'],
    ],
  ])('does not overlook %s', async (_, change, changes) => {
    change();
    expect(await unchanged()).toBe(false);
    const result = await lock();
    expect(result.changes.map((change) => `${change.kind} ${change.path}`).sort()).toEqual(changes.sort());
    expect(result.written).toBe(true);
    expectTrueLock();
    expect(await unchanged()).toBe(true);
  });

  it.each<[string, () => void]>([
    ['a digest', () => replaceInLock(sha256OfBytes('aa'), sha256OfBytes('zz'))],
    ['a name', () => replaceInLock('data/a.csv', 'data/z.csv')],
    ['a size', () => replaceInLock('"size": 2', '"size": 3')],
    ['no file', () => rmSync(path('dataset.lock.json'))],
  ])('does not overlook a lock that was edited by hand: %s', async (_, change) => {
    const { atime, mtime } = statSync(path('dataset.lock.json'));
    change();
    if (existsSync(path('dataset.lock.json'))) utimesSync(path('dataset.lock.json'), atime, mtime);
    expect(await unchanged()).toBe(false);
    await expect(inspectLock(dataset.project, dataset.config, dataset.io)).rejects.toMatchObject({
      code: expect.stringMatching(/^MLOPS_LOCK_M/),
    });
    expect(await lock()).toMatchObject({ written: true });
    expectTrueLock();
  });

  it('has a lock with conflict markers named', async () => {
    appendFileSync(path('dataset.lock.json'), '<<<<<<< HEAD\n');
    await expect(lock()).rejects.toMatchObject({ code: expect.stringMatching(/^MLOPS_CONFIG_/) });
  });

  it.each<[string, DatasetConfig['sources'], boolean]>([
    ['another glob', { raw: { path: 'data/*.csv' } }, true],
    ['another glob of the same files', { raw: { path: 'data/**/*.c*' } }, false],
    ['another name of the source', { other: { path: 'data/**/*.csv' } }, true],
    ['a source more', { raw: { path: 'data/**/*.csv' }, b: { path: 'data/b.csv' } }, true],
    ['a path more', { raw: { path: ['data/**/*.csv', 'elsewhere/two.csv'] } }, true],
  ])('does not overlook that the config has %s', async (_, sources, written) => {
    const config = withSources(sources);
    expect(await unchanged(config)).toBe(false);
    expect(await lock(config)).toMatchObject({ written });
    expect(await unchanged(config)).toBe(true);
    expect(await unchanged()).toBe(false);
  });

  it('does not pass a config in a check that names a path which is not there', async () => {
    const config = withSources({ raw: { path: ['data/**/*.csv', 'more/*.csv'] } });
    await expect(inspectLock(dataset.project, config, dataset.io)).rejects.toThrow(
      'Nothing in the lock is of "more/*.csv"',
    );
  });

  it('has a touched file read, and knows it from then on', async () => {
    utimesSync(path('data/a.csv'), past, new Date('2021-01-01T00:00:00Z'));
    expect(await unchanged()).toBe(false);
    expect(await lock()).toMatchObject({ written: false, hashed: { files: 1, bytes: 2 } });
    expect(await unchanged()).toBe(true);
  });

  it.each<[string, (file: string) => void]>([
    ['lost', (file) => rmSync(file)],
    ['damaged', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/\d/, 'x'))],
  ])('trusts nothing when the stat cache is %s: the files are read', async (_, damage) => {
    await setTimeout(TICK_MS);
    damage(path('.mlops/sources.stat-cache'));
    expect(await unchanged()).toBe(false);
    expect(await lock()).toMatchObject({ written: false, hashed: { files: 5, bytes: 10 } });
  });

  it.each<[string, (file: string) => void]>([
    ['lost', (file) => rmSync(file)],
    ['empty', (file) => writeFileSync(file, '')],
    ['cut', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60))],
  ])('is no when its own memory is %s, and no file is read', async (_, damage) => {
    damage(path('.mlops/sources.unchanged'));
    expect(await unchanged()).toBe(false);
    expect(await inspectLock(dataset.project, dataset.config, dataset.io)).toMatchObject({ verified: 5 });
  });

  it('takes the same lock in another layout for unchanged, once it was compared', async () => {
    const text = readFileSync(path('dataset.lock.json'), 'utf8');
    writeFileSync(path('dataset.lock.json'), JSON.stringify(JSON.parse(text)));
    expect(await unchanged()).toBe(false);
    expect(await lock()).toMatchObject({ written: false });
    expect(await unchanged()).toBe(true);
  });

  it('remembers nothing of files that were written just now', async () => {
    dataset.write('data/a.csv', 'a!');
    await dataset.lock();
    expect(await unchanged()).toBe(false);
    dataset.write('data/a.csv', 'a?');
    expect(await dataset.lock()).toMatchObject({ written: true });
    expectTrueLock();
  });

  it('remembers nothing of Git LFS pointers, which prepare has to know of', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256OfBytes('aa')}\nsize 2\n`;
    dataset.write('data/a.csv', pointer);
    expect(await lock()).toMatchObject({ written: false, pointers: ['data/a.csv'] });
    expect(await unchanged()).toBe(false);
    expect(await lock()).toMatchObject({ written: false, pointers: ['data/a.csv'] });
  });

  it('agrees with reading all files, whatever is done to them', async () => {
    const name = fc.constantFrom('data/a.csv', 'data/b.csv', 'data/é\n.csv', 'data/deep/x y.csv');
    const step = fc.oneof(
      fc.record({ does: fc.constant('write' as const), name, bytes: fc.constantFrom('xx', 'yy', 'zzz') }),
      fc.record({ does: fc.constant('remove' as const), name }),
      fc.record({ does: fc.constant('swap' as const), name, other: name }),
      fc.record({ does: fc.constant('edit' as const), bytes: fc.constantFrom('xx', 'yy', 'zzz') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 5 }), async (rounds) => {
        for (const steps of rounds) {
          await setTimeout(TICK_MS);
          for (const step of steps) {
            if (step.does === 'write') {
              dataset.write(step.name, step.bytes);
              utimesSync(path(step.name), past, past);
            } else if (step.does === 'remove') {
              rmSync(path(step.name), { force: true });
            } else if (step.does === 'edit') {
              replaceInLock(sha256OfBytes(step.bytes), sha256OfBytes('another'));
            } else if (existsSync(path(step.name)) && existsSync(path(step.other))) {
              renameSync(path(step.name), path('x'));
              if (step.name !== step.other) renameSync(path(step.other), path(step.name));
              renameSync(path('x'), path(step.other));
            }
          }
          await lock();
          expectTrueLock();
        }
      }),
      { numRuns: 20 },
    );
  });
});
