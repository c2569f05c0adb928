import { sha256OfBytes } from '@nx-mlops/core';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openRequiredRemote } from '../remote/open-remote';
import { pullDataset } from '../remote/pull-dataset';
import { pushDataset } from '../remote/push-dataset';
import { csvRows, temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { collectGarbage } from './collect-garbage';

const DAY = 24 * 60 * 60 * 1000;
const silent = { print: () => undefined };

describe('collectGarbage', () => {
  let dataset: TemporaryDataset;
  let root: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: root });
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-q', '-m', message);
  };
  /** Files of the sources, of which more than half differ between any two. */
  const sources = (seed: number) => {
    for (let index = 0; index < 4; index++) {
      dataset.write(`raw/${index}.csv`, csvRows(seed * 1000 + index * 50, seed * 1000 + index * 50 + 40));
    }
    dataset.write('raw/same.csv', csvRows(1, 3));
  };
  const push = async () => {
    await dataset.lock();
    await dataset.prepare();
    await pushDataset(dataset.project, await openRequiredRemote(root), silent);
  };
  const gc = (options: Parameters<typeof collectGarbage>[1] = {}, days = 3) => {
    const printed: string[] = [];
    const io = { print: (line: string) => void printed.push(line) };
    return collectGarbage(root, { remote: true, ...options }, io, () => Date.now() + days * DAY).then(
      (removals) => ({
        files: removals.reduce((total, { files }) => total + files, 0),
        text: printed.join('\n'),
        removals,
      }),
    );
  };
  const everything = () => readdirSync(join(root, '..', 'remote'), { recursive: true }).sort();
  const pull = async (splits: boolean) => {
    rmSync(join(root, '.mlops'), { recursive: true });
    rmSync(join(dataset.project.folder, 'raw'), { recursive: true });
    return pullDataset(dataset.project, await openRequiredRemote(root), silent, { splits });
  };

  beforeEach(async () => {
    dataset = temporaryDataset({
      sources: { raw: { path: 'raw/*.csv' } },
      splits: { train: { fraction: 0.5 }, test: { fraction: 0.5 } },
    });
    root = dataset.project.workspaceRoot;
    writeFileSync(
      join(root, 'mlops.json'),
      JSON.stringify({ remote: 'file:../remote', environments: [{ name: 'production' }] }),
    );
    writeFileSync(join(root, '.gitignore'), '.mlops/\nraw/\n');
    git('init', '-q', '-b', 'main');
    sources(1);
    await push();
    commit('first data');
    git('checkout', '-q', '-b', 'experiment');
    sources(2);
    await push();
    commit('other data');
    git('checkout', '-q', 'main');
    sources(1);
    await dataset.prepare();
  });

  it('keeps what any branch names', async () => {
    const before = everything();
    expect(
      (await gc()).removals.filter(({ what }) => what.startsWith('remote')).map(({ files }) => files),
    ).toEqual([0, 0, 0, 0, 0]);
    expect(everything()).toEqual(before);
    git('checkout', '-q', 'experiment');
    expect(await pull(false)).toMatchObject({ placed: 5 });
  });

  it('removes what only a branch that is gone named, and what is left can be pulled whole', async () => {
    git('branch', '-q', '-D', 'experiment');
    const { text } = await gc();
    expect(text).toMatch(/remote: packs/);
    expect(await pull(true)).toMatchObject({ placed: 5 });
    // The files that both had are still there, though the data of the branch is gone.
    expect((await gc()).files).toBe(0);
  });

  it('only says so with --dry-run, and then removes just that', async () => {
    git('branch', '-q', '-D', 'experiment');
    const before = everything();
    const said = await gc({ dryRun: true });
    expect(said.text).toMatch(/Nothing was removed/);
    expect(said.files).toBeGreaterThan(2);
    expect(everything()).toEqual(before);
    expect((await gc()).removals).toEqual(said.removals);
  });

  it('counts only the branches that are named', async () => {
    await expect(gc({ branches: ['no-such'] })).rejects.toMatchObject({ code: 'MLOPS_GC_UNKNOWN_BRANCH' });
    expect((await gc({ branches: ['main', 'experiment'], dryRun: true })).removals.at(-1)?.files).toBe(0);
    expect((await gc({ branches: ['main'] })).removals.at(-1)).toMatchObject({ files: 1 });
  });

  it('keeps what is young, and what was pushed again lately', async () => {
    git('branch', '-q', '-D', 'experiment');
    const before = everything();
    expect((await gc({}, 0)).files).toBe(0);
    expect((await gc({ keepDays: 7 })).files).toBe(0);
    expect(everything()).toEqual(before);
    const ref = (everything() as string[]).filter((name) => /^refs.*json$/.test(name));
    expect(ref).toHaveLength(2);
    // All but the records of pushes are old.
    for (const name of everything() as string[]) {
      const file = join(root, '..', 'remote', name);
      const then = (Date.now() - 5 * DAY) / 1000;
      if (statSync(file).isFile() && !name.startsWith('refs')) utimesSync(file, then, then);
    }
    const removals = (await gc({}, 0)).removals.filter(({ what }) => what.startsWith('remote'));
    expect(removals.map(({ files }) => files)).toEqual([0, 0, 0, 0, 0]);
  });

  it('cleans the local store: what no manifest and no branch names, and transfers that were given up', async () => {
    const store = join(root, '.mlops/store');
    const dead = sha256OfBytes('dead');
    const downloads = join(root, '.mlops/downloads');
    for (const folder of [join(store, 'sha256', dead.slice(0, 2)), join(store, 'incoming'), downloads]) {
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(join(downloads, 'half'), 'half');
    writeFileSync(join(store, 'sha256', dead.slice(0, 2), dead), 'dead');
    writeFileSync(join(store, 'incoming', `${dead}.00000000.1.part`), 'half');
    const manifest = JSON.parse(
      readFileSync(join(dataset.project.folder, '.mlops/prepared/dataset.manifest.json'), 'utf8'),
    );
    await gc({ remote: false });
    expect(existsSync(join(store, 'sha256', dead.slice(0, 2), dead))).toBe(false);
    expect(readdirSync(join(store, 'incoming'))).toEqual([]);
    expect(readdirSync(downloads)).toEqual([]);
    for (const { file } of Object.values(manifest.splits) as { file: { sha256: string } }[]) {
      expect(existsSync(join(store, 'sha256', file.sha256.slice(0, 2), file.sha256))).toBe(true);
    }
  });

  it('lets one gc at a time at the remote, and takes over from one that died', async () => {
    const marker = join(root, '..', 'remote', 'gc.json');
    writeFileSync(marker, '{}');
    const before = everything();
    await expect(gc({}, 0)).rejects.toMatchObject({ code: 'MLOPS_GC_RUNNING' });
    expect(everything()).toEqual(before);
    await gc({}, 1);
    expect(existsSync(marker)).toBe(false);
  });

  it('refuses without git, and with a shallow clone for the remote', async () => {
    const { files } = await gc({ dryRun: true });
    expect(files).toEqual(expect.any(Number));
    const clone = join(root, '..', 'shallow');
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone]);
    await expect(collectGarbage(clone, { remote: true }, silent)).rejects.toMatchObject({
      code: 'MLOPS_GC_SHALLOW',
    });
    await collectGarbage(clone, { dryRun: true }, silent);
    rmSync(join(clone, '.git'), { recursive: true });
    await expect(collectGarbage(clone, {}, silent)).rejects.toMatchObject({ code: 'MLOPS_GC_NO_GIT' });
  });
});
