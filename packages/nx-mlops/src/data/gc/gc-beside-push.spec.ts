import { sha256OfBytes, type FileDigest, type ObjectStore } from '@nx-mlops/core';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pushDataset } from '../remote/push-dataset';
import { downloadFiles } from '../remote/download-files';
import { TransferProgress } from '../remote/transfer-progress';
import { remoteOver, watchedStore, type WatchedStore } from '../remote/watched-object-store.fixture';
import { Store } from '../store';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { collectRemote } from './collect-remote';

const DAY = 24 * 60 * 60 * 1000;
const silent = { print: () => undefined };

/** A dataset with small files and a big one, a folder as its remote, and a gc that knows of no branch. */
class Beside {
  readonly dataset: TemporaryDataset = temporaryDataset({
    sources: { raw: { path: 'raw/*', format: 'files' } },
    splits: { all: { where: 'true' } },
  });
  readonly contents: Buffer[] = [
    ...Array.from({ length: 3 }, (_, index) => Buffer.from(`small ${index}`)),
    randomBytes(1024 * 1024),
  ];
  private readonly root = this.dataset.project.workspaceRoot;
  private readonly folder = join(this.root, '..', 'remote');
  private gcs = 0;

  /** Locked, and as `state` says there already, five days old. */
  static async with(state: 'nothing' | 'all' | 'packs whose index is missing'): Promise<Beside> {
    const beside = new Beside();
    beside.contents.forEach((content, index) => beside.dataset.write(`raw/${index}`, content));
    await beside.dataset.lock();
    if (state === 'nothing') return beside;
    await beside.push(watchedStore(beside.folder));
    if (state !== 'all') rmSync(join(beside.folder, 'packs/index'), { recursive: true });
    if (state !== 'all') rmSync(join(beside.root, '.mlops/remote'), { recursive: true, force: true });
    const then = (Date.now() - 5 * DAY) / 1000;
    for (const name of readdirSync(beside.folder, { recursive: true }) as string[]) {
      const file = join(beside.folder, name);
      if (statSync(file).isFile()) utimesSync(file, then, then);
    }
    return beside;
  }

  newStore(): WatchedStore {
    return watchedStore(this.folder);
  }

  /** From the same clone each time, which remembers what it knew of the packs. */
  push(objects: ObjectStore, now?: () => number): ReturnType<typeof pushDataset> {
    const remote = remoteOver(objects, join(this.root, '.mlops/remote/catalogue'));
    return pushDataset(this.dataset.project, remote, silent, { now });
  }

  /** @param keepDays as the option of the command */
  gc(objects: ObjectStore, keepDays = 1): Promise<unknown> {
    const remote = remoteOver(objects, join(this.root, `catalogue of gc ${this.gcs++}`));
    const git = { locks: [], refs: [], shallow: false };
    const live = { digests: new Set<string>(), locks: new Set<string>(), git };
    return collectRemote(remote, live, Date.now() - keepDays * DAY, false);
  }

  /** What another machine could not get of what the lock names. */
  async lost(): Promise<readonly FileDigest[]> {
    const fresh = `fresh ${this.gcs++}`;
    const digests = this.contents.map((content) => ({
      sha256: sha256OfBytes(content),
      size: content.length,
    }));
    const remote = remoteOver(this.newStore(), join(this.root, fresh, 'catalogue'));
    const begin = (bytes: number) => new TransferProgress('x', bytes, () => undefined);
    return (await downloadFiles(remote, digests, new Store(join(this.root, fresh, 'store')), { begin }))
      .missing;
  }
}

describe('a gc of the remote beside a push', () => {
  const states = ['nothing', 'all', 'packs whose index is missing'] as const;
  const cases = states.flatMap((state) => [1, 0].map((keepDays) => [state, keepDays] as const));

  it.each(cases)(
    'loses nothing when it runs between any two requests of the push (there: %s; --keep-days %d)',
    async (state, keepDays) => {
      const counted = (await Beside.with(state)) as Beside;
      const count = counted.newStore();
      await counted.push(count);
      const moments = count.requests.length;
      expect(moments).toBeGreaterThan(4);
      const losses = await Promise.all(
        Array.from({ length: moments + 1 }, async (_, moment) => {
          const beside = await Beside.with(state);
          const objects = beside.newStore();
          let left = moment;
          objects.meanwhile = async () => {
            if (left-- === 0) await beside.gc(beside.newStore(), keepDays);
          };
          await beside.push(objects);
          // A day on which nothing happens but one more gc.
          await beside.gc(beside.newStore());
          return { before: objects.requests[moment], lost: (await beside.lost()).length };
        }),
      );
      expect(losses.filter(({ lost }) => lost > 0)).toEqual([]);
    },
    120_000,
  );

  it.each(cases)(
    'loses nothing when the push begins between any two requests of the gc (there: %s; --keep-days %d)',
    async (state, keepDays) => {
      const counted = await Beside.with(state);
      const count = counted.newStore();
      await counted.gc(count, keepDays);
      const losses = await Promise.all(
        Array.from({ length: count.requests.length + 1 }, async (_, moment) => {
          const beside = await Beside.with(state);
          const objects = beside.newStore();
          let left = moment;
          let pushed: Promise<unknown> | undefined;
          objects.meanwhile = async () => {
            if (left-- !== 0) return;
            const pushing = beside.newStore();
            // The push comes as far as it can beside a gc: to where it looks for one.
            const looked = new Promise<void>((resolve) => {
              pushing.meanwhile = async (request) => {
                if (request === 'head gc.json') setTimeout(resolve, 20);
              };
            });
            pushed = beside.push(pushing);
            await Promise.race([looked, pushed]);
          };
          await beside.gc(objects, keepDays);
          await (pushed ?? beside.push(beside.newStore()));
          return { before: objects.requests[moment], lost: (await beside.lost()).length };
        }),
      );
      expect(losses.filter(({ lost }) => lost > 0)).toEqual([]);
    },
    120_000,
  );

  it('is noticed by a push that takes longer than a gc waits for one', async () => {
    const beside = await Beside.with('nothing');
    const objects = beside.newStore();
    let hours = 0;
    objects.meanwhile = async (request) => {
      if (hours > 0 || !/^put blobs/.test(request)) return;
      // The machine slept for two days, in which a gc took what had been sent.
      hours = 48;
      rmSync(join(beside.dataset.project.workspaceRoot, '..', 'remote/packs'), { recursive: true });
    };
    await beside.push(objects, () => Date.now() + hours * 60 * 60 * 1000);
    expect(await beside.lost()).toEqual([]);
  });
});
