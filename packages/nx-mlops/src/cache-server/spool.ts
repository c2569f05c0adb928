import { MlopsError } from '@nx-mlops/core';
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A whole upload in a file of this machine. */
export interface Spooled {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimals. */
  readonly sha256: string;
}

/** More came than may. */
export class TooBigError extends Error {}

/**
 * Where uploads lie until they are whole: stores take a file, and an upload that breaks off must not be seen. Each process
 * has a folder of its own in it; those of processes that are gone are removed at start.
 */
export class Spool {
  private constructor(private readonly folder: string) {}

  /**
   * @param folder absolute; of this machine and this user alone
   * @throws MlopsError MLOPS_CACHE_SPOOL
   */
  static async open(folder: string): Promise<Spool> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const stats = await lstat(folder);
      // In a folder for all, such as /tmp, somebody else may have made it before.
      if (!stats.isDirectory() || (process.getuid !== undefined && stats.uid !== process.getuid())) {
        throw new Error('it is no folder of this user');
      }
      for (const name of await readdir(folder)) {
        if (/^\d+$/.test(name) && !isOfAnother(Number(name))) {
          await rm(join(folder, name), { recursive: true, force: true });
        }
      }
      const own = join(folder, String(process.pid));
      await mkdir(own, { mode: 0o700 });
      return new Spool(own);
    } catch (error) {
      throw new MlopsError(
        'MLOPS_CACHE_SPOOL',
        `uploads cannot be kept there until they are whole (${String(error)}). Name a folder of this user by --spool.`,
        { file: folder },
        { cause: error },
      );
    }
  }

  /**
   * Takes in a body; its memory is one chunk.
   *
   * @throws TooBigError past `maxBytes`, or the error of the stream or the disk; nothing is left then
   */
  async take(body: Readable, maxBytes: number): Promise<Spooled> {
    const file = join(this.folder, randomBytes(12).toString('hex'));
    const handle = await open(file, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      let size = 0;
      // An early end must leave the stream readable: what still comes is read and dropped, see `drain`.
      for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > maxBytes) throw new TooBigError();
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      await handle.close();
      return { file, size, sha256: hash.digest('hex') };
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(file, { force: true });
      throw error;
    }
  }

  async remove({ file }: Spooled): Promise<void> {
    await rm(file, { force: true });
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Whether a process other than this one has that number. In a container each new one may have the same. */
function isOfAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
