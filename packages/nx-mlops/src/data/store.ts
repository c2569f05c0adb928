import { MlopsError, layout, type FileDigest } from '@nx-mlops/core';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashFile } from './lock/hash-file';
import { hashFiles } from './lock/hash-files';
import { StatCache } from './lock/stat-cache';
import { statFiles } from './lock/stat-files';
import { sizeOfStat } from './lock/stat-text';
import { mapConcurrently } from './map-concurrently';
import { storeBytesNow, storedPath } from './stored-file';

const SHELVES_AT_ONCE = 8;

/**
 * Files by their content: `<folder>/sha256/ab/<hex>`. A file is put into place by one rename and never changed
 * afterwards, so two processes may add the same one at once, and a reader sees whole files only.
 */
export class Store {
  /**
   * @param folder absolute
   * @param statCache spares the hashing of files that were checked before; without it every check reads the file. Its
   *   folder is that of the workspace, in which the store lies
   */
  constructor(
    readonly folder: string,
    private readonly statCache?: StatCache,
  ) {}

  /** Where the file with this digest is, if it is there. */
  pathOf(sha256: string): string {
    return storedPath(this.folder, sha256);
  }

  /** Whether a file of that name and size is there; says nothing of its bytes. */
  async has(digest: FileDigest): Promise<boolean> {
    return (await sizeOf(this.pathOf(digest.sha256))) === digest.size;
  }

  /**
   * Adds a file. Where it is there already and whole, nothing is written; a damaged one is replaced.
   *
   * @param move whether the file given may be moved away, which costs nothing; else it is copied
   */
  async addFile(
    file: string,
    { move, signal }: { move: boolean; signal?: AbortSignal },
  ): Promise<FileDigest> {
    const digest = { sha256: await hashFile(file, signal), size: (await stat(file)).size };
    const target = this.pathOf(digest.sha256);
    if (await this.isWhole(digest, signal)) {
      if (move) await rm(file, { force: true });
      return digest;
    }
    await mkdir(dirname(target), { recursive: true });
    const temporary = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await bring(file, temporary, move);
      // What lies under its digest must not be written to, by a training script for one.
      await chmod(temporary, 0o444);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      // Windows refuses to replace a file that another process reads; it has the same bytes.
      if (await this.isWhole(digest, signal)) return digest;
      throw error;
    }
    return digest;
  }

  /**
   * Adds a few bytes that came from elsewhere, when they are those that the digest says.
   *
   * @returns false, with nothing written, when they are others
   */
  addBytes(bytes: Uint8Array, digest: FileDigest): boolean {
    return storeBytesNow(this.folder, bytes, digest);
  }

  /** Moves a file into place whose bytes the caller has checked against the digest. */
  async adopt(file: string, digest: FileDigest): Promise<void> {
    const target = this.pathOf(digest.sha256);
    await mkdir(dirname(target), { recursive: true });
    await chmod(file, 0o444);
    await rename(file, target);
  }

  /** The folder of the store for what is still arriving; on its file system, so that it moves into place by a rename. */
  async incoming(): Promise<string> {
    const folder = join(this.folder, 'incoming');
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Whether the file is there and, as far as its stat was seen before or else by reading it, whole. */
  async isWhole(digest: FileDigest, signal?: AbortSignal): Promise<boolean> {
    if (!(await this.has(digest))) return false;
    const path = this.pathOf(digest.sha256);
    const sha256 = await (this.statCache?.digestOf(path, signal).then((found) => found.sha256) ??
      hashFile(path, signal));
    return sha256 === digest.sha256;
  }

  /**
   * Those that are not there, or not whole. Of many: what is not there costs no look of its own, for each folder is listed
   * once; what has to be read is read by as many threads as there are cores.
   */
  async absentOf(digests: readonly FileDigest[], signal?: AbortSignal): Promise<FileDigest[]> {
    const shelves = [...new Set(digests.map(({ sha256 }) => sha256.slice(0, 2)))];
    const names = new Set(
      (await mapConcurrently(shelves, SHELVES_AT_ONCE, (shelf) => this.namesOn(shelf))).flat(),
    );
    const there = digests.filter(({ sha256 }) => names.has(sha256));
    const whole = await this.wholeOf(there, signal);
    return digests.filter(({ sha256 }) => !whole.has(sha256));
  }

  private async namesOn(shelf: string): Promise<string[]> {
    try {
      return await readdir(join(this.folder, 'sha256', shelf));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private async wholeOf(digests: readonly FileDigest[], signal?: AbortSignal): Promise<Set<string>> {
    const pathOf = ({ sha256 }: FileDigest) => `sha256/${sha256.slice(0, 2)}/${sha256}`;
    // In the stat cache the paths are those of the workspace.
    const cachedPathOf = (digest: FileDigest) => `${layout.store}/${pathOf(digest)}`;
    const stats = await statFiles(this.folder, digests.map(pathOf), signal);
    const whole = new Set<string>();
    const unknown: FileDigest[] = [];
    for (const [index, digest] of digests.entries()) {
      const now = stats[index] as string;
      if (now.startsWith('-') || sizeOfStat(now) !== digest.size) continue;
      const known = this.statCache?.known(cachedPathOf(digest), now);
      if (known === undefined) unknown.push(digest);
      else if (known === digest.sha256) whole.add(known);
    }
    const startedAt = Date.now();
    await hashFiles(
      unknown.map((digest) => ({ file: join(this.folder, pathOf(digest)), size: digest.size })),
      (index, answer) => {
        const digest = unknown[index] as FileDigest;
        // What cannot be read is as good as not there: it is fetched anew.
        if ('error' in answer || answer.changed) return;
        this.statCache?.remember(cachedPathOf(digest), answer, startedAt);
        if (answer.sha256 === digest.sha256) whole.add(digest.sha256);
      },
      { signal },
    );
    return whole;
  }

  /**
   * The path of a file whose size and digest have been checked.
   *
   * @throws MlopsError MLOPS_STORE_MISSING when it is not there, MLOPS_STORE_CORRUPT when its bytes are others
   */
  async verified(digest: FileDigest, signal?: AbortSignal): Promise<string> {
    const path = this.pathOf(digest.sha256);
    const size = await sizeOf(path);
    if (size === undefined) {
      throw new MlopsError(
        'MLOPS_STORE_MISSING',
        'is not in the store. Run the "prepare" target of its dataset with --skip-nx-cache, which makes it.',
        { file: path },
      );
    }
    if (size !== digest.size || !(await this.isWhole(digest, signal))) {
      throw new MlopsError(
        'MLOPS_STORE_CORRUPT',
        `does not hold the bytes that its name says (${size} bytes, ${digest.size} expected). Delete it and run the "prepare" target of its dataset with --skip-nx-cache.`,
        { file: path },
      );
    }
    return path;
  }
}

/** The store of a workspace with its stat cache, which the caller saves when its work is done. */
export async function openStore(workspaceRoot: string): Promise<{ store: Store; statCache: StatCache }> {
  const statCache = await StatCache.load(join(workspaceRoot, layout.statCache), workspaceRoot);
  return { store: new Store(join(workspaceRoot, layout.store), statCache), statCache };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function bring(file: string, to: string, move: boolean): Promise<void> {
  if (move) {
    try {
      return await rename(file, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    }
  }
  // A reflink where the file system has them.
  await copyFile(file, to, constants.COPYFILE_FICLONE);
  if (move) await rm(file, { force: true });
}
