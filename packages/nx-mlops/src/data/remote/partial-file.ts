import { processExists, processWorld, sha256OfBytes } from '@nx-mlops/core';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A part of another machine or container, whose processes cannot be looked up, is left behind when it is this old. */
const ABANDONED_MS = 10 * 60 * 1000;

/**
 * A file that is arriving, with the hash of what has arrived. Each process writes one of its own, named by the digest and
 * by who writes it; what a process left that is no more is taken over by a rename, which only one can do.
 */
export class PartialFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private hash: Hash,
    private arrived: number,
    /** Whether bytes of an earlier process are in it. */
    readonly resumed: boolean,
  ) {}

  /** @param folder absolute, there already */
  static async open(folder: string, sha256: string, now: () => number = Date.now): Promise<PartialFile> {
    const path = join(folder, `${sha256}.${world()}.${process.pid}.part`);
    for (const left of await leftBehind(folder, sha256, now)) {
      try {
        await rename(join(folder, left), path);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    const hash = createHash('sha256');
    let arrived = 0;
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size > 0) {
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
        hash.update(chunk as Buffer);
        arrived += (chunk as Buffer).length;
      }
    }
    return new PartialFile(path, await open(path, 'a'), hash, arrived, arrived > 0);
  }

  /** Bytes. */
  get size(): number {
    return this.arrived;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.handle.writeFile(bytes);
    this.hash.update(bytes);
    this.arrived += bytes.length;
  }

  async clear(): Promise<void> {
    await this.handle.truncate(0);
    this.hash = createHash('sha256');
    this.arrived = 0;
  }

  /** Flushes and closes it. @returns the sha256 of all its bytes */
  async finish(): Promise<string> {
    await this.handle.sync();
    return this.hash.copy().digest('hex');
  }

  /** Leaves it for whoever resumes. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Parts of the same file whose writers are gone, the longest first. */
async function leftBehind(folder: string, sha256: string, now: () => number): Promise<string[]> {
  const found: { name: string; size: number }[] = [];
  for (const name of await readdir(folder)) {
    const match = /^([0-9a-f]{64})\.([0-9a-f]{8})\.(\d+)\.part$/.exec(name);
    if (match === null || match[1] !== sha256) continue;
    const stats = await stat(join(folder, name)).catch(() => undefined);
    if (stats === undefined) continue;
    const ofDeadProcess = match[2] === world() && !processExists(Number(match[3]));
    if (ofDeadProcess || now() - stats.mtimeMs > ABANDONED_MS) found.push({ name, size: stats.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ name }) => name);
}

/** Tells apart the process ids of machines and containers that share the folder. */
function world(): string {
  return sha256OfBytes(processWorld()).slice(0, 8);
}
