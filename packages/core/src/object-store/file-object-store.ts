import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { MlopsError } from '../errors/mlops-error';
import { sha256OfBytes } from '../files/sha256';
import { withLockFile } from '../registry/lock-file';
import { fileStoreError } from './file-store-error';
import { checkedKey } from './object-key';
import type { ObjectBody, ObjectInfo, ObjectStore, PutCondition, PutProgress } from './object-store';

/** Beside the objects; their names begin with a dot, which no key does. */
const INCOMING = '.incoming';
const LOCKS = '.locks';
const DAY_MS = 24 * 60 * 60 * 1000;

type Signal = { readonly signal?: AbortSignal };

/**
 * Objects as files of a folder, which several machines may share. A put is written beside and renamed into place; what
 * replaces or removes an object holds a lock file of its key meanwhile, so that no conditional put loses an update.
 *
 * The folder is made by the first put where its parent is there: a parent that is missing looks like a drive that is
 * not mounted.
 */
export class FileObjectStore implements ObjectStore {
  readonly description: string;
  private swept = false;

  /** @param folder absolute */
  constructor(private readonly folder: string) {
    this.description = `file:${folder}`;
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.guarded(signal, () => this.infoOf(checkedKey(key)));
  }

  get(
    key: string,
    { range, signal }: Signal & { readonly range?: { readonly start: number; readonly end: number } } = {},
  ): ReturnType<ObjectStore['get']> {
    return this.guarded(signal, async () => {
      const path = this.path(key);
      const handle = await open(path).catch((error: unknown) => this.absent(error));
      if (handle === undefined) return undefined;
      try {
        const stats = await handle.stat({ bigint: true });
        if (!stats.isFile()) {
          await handle.close();
          return undefined;
        }
        const info = infoFrom(key, stats);
        if (range !== undefined && range.start >= info.size) {
          await handle.close();
          return { info, body: Readable.from([]) };
        }
        return { info, body: handle.createReadStream({ ...range, highWaterMark: 1 << 20, signal }) };
      } catch (error) {
        await handle.close().catch(() => undefined);
        throw error;
      }
    });
  }

  put(
    key: string,
    body: ObjectBody,
    { ifAbsent, ifMatch, onSent, signal }: PutCondition & PutProgress & Signal = {},
  ): Promise<string | undefined> {
    return this.guarded(signal, async () => {
      const target = this.path(key);
      // What is certain to be refused is not written first.
      if (ifAbsent === true && (await this.infoOf(key)) !== undefined) return undefined;
      const temporary = await this.write(body, onSent, signal);
      try {
        const etag = infoFrom(key, await stat(temporary, { bigint: true })).etag;
        await mkdir(dirname(target), { recursive: true });
        const put =
          ifAbsent === true
            ? await this.moveIfAbsent(temporary, target, key)
            : await this.replace(temporary, target, key, ifMatch);
        return put ? etag : undefined;
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    try {
      await this.assertReachable();
      yield* this.walk(folder, prefix, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw fileStoreError(error, this.folder);
    }
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.guarded(signal, async () => {
      for (const key of keys) {
        signal?.throwIfAborted();
        if ((await this.infoOf(checkedKey(key))) === undefined) continue;
        await this.locked(key, () => rm(this.path(key), { force: true }));
      }
    });
  }

  private async *walk(folder: string, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    signal?.throwIfAborted();
    const entries = await readdir(join(this.folder, folder), { withFileTypes: true }).catch(
      (error: unknown) => this.absent(error),
    );
    // A folder sorts as its keys do, with the slash.
    const keys = (entries ?? [])
      .filter(({ name }) => folder !== '' || !name.startsWith('.'))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort((a, b) => (a < b ? -1 : 1));
    for (const key of keys) {
      if (key.endsWith('/')) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* this.walk(key, prefix, signal);
      } else if (key.startsWith(prefix)) {
        const stats = await stat(this.path(key), { bigint: true }).catch((error: unknown) =>
          this.absent(error),
        );
        if (stats?.isFile() === true) yield infoFrom(key, stats);
      }
    }
  }

  private path(key: string): string {
    return join(this.folder, checkedKey(key));
  }

  /** Opened rather than looked at: on a network drive only that asks the server what is there now. */
  private async infoOf(key: string): Promise<ObjectInfo | undefined> {
    const handle = await open(this.path(key)).catch((error: unknown) => this.absent(error));
    if (handle === undefined) {
      await this.assertReachable();
      return undefined;
    }
    try {
      const stats = await handle.stat({ bigint: true });
      return stats.isFile() ? infoFrom(key, stats) : undefined;
    } finally {
      await handle.close();
    }
  }

  private absent(error: unknown): undefined {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }

  private async assertReachable(): Promise<void> {
    if (await isFolder(this.folder)) return;
    if (await isFolder(dirname(this.folder))) return;
    throw new MlopsError(
      'MLOPS_REMOTE_NOT_FOUND',
      `neither this folder nor the one that it lies in is there. Mount its drive or make the folder; it is named by "remote" in mlops.json.`,
      { file: this.folder },
    );
  }

  private async write(
    body: ObjectBody,
    onSent: PutProgress['onSent'],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    await this.assertReachable();
    const incoming = join(this.folder, INCOMING);
    await mkdir(incoming, { recursive: true });
    await this.sweep(incoming);
    const temporary = join(incoming, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      if ('file' in body) await copyStreamed(body.file, temporary, onSent, signal);
      else await writeFlushed(temporary, [body], onSent, signal);
      return temporary;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** What killed processes left half-written. */
  private async sweep(incoming: string): Promise<void> {
    if (this.swept) return;
    this.swept = true;
    for (const name of await readdir(incoming)) {
      const file = join(incoming, name);
      const modified = (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now();
      if (Date.now() - modified > DAY_MS) await rm(file, { force: true });
    }
  }

  private async moveIfAbsent(temporary: string, target: string, key: string): Promise<boolean> {
    try {
      await link(temporary, target);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      if (
        code === undefined ||
        !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(code)
      )
        throw error;
    }
    // No hard links on this drive.
    return this.locked(key, async (assertHeld) => {
      if ((await this.infoOf(key)) !== undefined) return false;
      await assertHeld();
      await rename(temporary, target);
      return true;
    });
  }

  private replace(temporary: string, target: string, key: string, ifMatch?: string): Promise<boolean> {
    return this.locked(key, async (assertHeld) => {
      if (ifMatch !== undefined && (await this.infoOf(key))?.etag !== ifMatch) return false;
      await assertHeld();
      await rename(temporary, target);
      return true;
    });
  }

  private async locked<T>(key: string, work: (assertHeld: () => Promise<void>) => Promise<T>): Promise<T> {
    const locks = join(this.folder, LOCKS);
    await mkdir(locks, { recursive: true });
    const file = join(locks, `${sha256OfBytes(key).slice(0, 32)}.lock`);
    return withLockFile(file, (lock) => work(() => lock.assertHeld()));
  }

  private async guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw fileStoreError(error, this.folder);
    }
  }
}

function infoFrom(key: string, stats: BigIntStats): ObjectInfo {
  const etag = [stats.size, stats.mtimeNs, stats.ino].map((number) => number.toString(36)).join('-');
  return { key, size: Number(stats.size), etag, modified: Number(stats.mtimeMs) };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

async function copyStreamed(
  from: string,
  to: string,
  onSent: PutProgress['onSent'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = await open(from);
  try {
    await writeFlushed(
      to,
      source.createReadStream({ highWaterMark: 1 << 20, autoClose: false }),
      onSent,
      signal,
    );
  } finally {
    await source.close();
  }
}

async function writeFlushed(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onSent: PutProgress['onSent'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await handle.writeFile(chunk);
      onSent?.(chunk.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
