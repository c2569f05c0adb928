import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MlopsError } from '../errors/mlops-error';
import { sha256OfFile } from '../files/sha256';
import type { FileDigest } from '../manifest/column';
import { registryIoError } from './registry-io-error';

const DAY = 24 * 60 * 60 * 1000;

/** Immutable files by their digest: `blobs/sha256/ab/<hex>`. What is being written lies in `blobs/incoming`. */
export class FileBlobs {
  private readonly incoming: string;

  constructor(private readonly folder: string) {
    this.incoming = join(folder, 'incoming');
  }

  /** See `RegistryDriver.putBlob`. A blob that is there and was damaged is replaced by the good bytes. */
  async put(localFile: string): Promise<FileDigest> {
    const digest = await digestOfSource(localFile);
    const target = this.path(digest.sha256);
    try {
      if ((await holds(target, digest)) && (await makeYoung(target))) return digest;
      await mkdir(this.incoming, { recursive: true });
      await removeAbandoned(this.incoming);
      await mkdir(dirname(target), { recursive: true });
      await this.copy(localFile, target, digest);
      return digest;
    } catch (error) {
      throw registryIoError(error, `${localFile} cannot be stored`, this.folder);
    }
  }

  /** See `RegistryDriver.getBlob`. */
  async get(blob: FileDigest): Promise<string> {
    const file = this.path(blob.sha256);
    const size = await sizeOf(file);
    if (size === undefined) throw blobMissing(file);
    if (!(await holds(file, blob))) throw blobCorrupt(blob, file);
    return file;
  }

  /** See `RegistryDriver.listBlobs`. */
  async *list(): AsyncGenerator<FileDigest & { readonly stored: number }> {
    const root = join(this.folder, 'sha256');
    for (const folder of await entriesOf(root)) {
      for (const sha256 of await entriesOf(join(root, folder))) {
        const found = await stat(join(root, folder, sha256)).catch(() => undefined);
        if (found !== undefined) yield { sha256, size: found.size, stored: found.mtimeMs };
      }
    }
  }

  /** See `RegistryDriver.removeBlobs`. */
  async remove(digests: readonly string[], before: number): Promise<string[]> {
    const removed: string[] = [];
    for (const sha256 of digests) {
      const file = this.path(sha256);
      try {
        const found = await stat(file).catch(() => undefined);
        if (found !== undefined && found.mtimeMs >= before) continue;
        await rm(file, { force: true });
        removed.push(sha256);
      } catch (error) {
        throw registryIoError(error, 'the blob cannot be removed', file);
      }
    }
    return removed;
  }

  private path(sha256: string): string {
    return join(this.folder, 'sha256', sha256.slice(0, 2), sha256);
  }

  private async copy(localFile: string, target: string, digest: FileDigest): Promise<void> {
    const temporary = join(this.incoming, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      const copied = await copyDurably(localFile, temporary);
      if (copied !== digest.sha256) throw sourceChanged(localFile);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** False where the file is gone, or is somebody else's in a shared folder: it is written anew then. */
async function makeYoung(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}

/** Copies in a folder that a killed process left. */
export async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const file = join(incoming, name);
    const modified = (await stat(file).catch(() => undefined))?.mtimeMs;
    if (modified !== undefined && Date.now() - modified > DAY) await rm(file, { force: true });
  }
}

/** That a file is not what the log of its version says. */
export function blobCorrupt({ sha256, size }: FileDigest, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_BLOB_CORRUPT',
    `the bytes are not those that were registered (${size} bytes with sha256 ${sha256}), so they are not used. Restore the file from a backup, or train and register the model again.`,
    { file },
  );
}

/** That a version names a file that nobody has. */
export function blobMissing(file: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_BLOB_MISSING',
    'the registry does not hold these bytes, though a version names them; somebody removed the file. Restore it from a backup, or train and register the model again.',
    { file },
  );
}

/** That a file was written to while it was stored. */
export function sourceChanged(file: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_SOURCE_CHANGED',
    'changed while it was being stored. Run the command again when nothing writes to it.',
    { file },
  );
}

/** Sorted; none where there is no such folder. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw registryIoError(error, 'the blobs cannot be listed', folder);
  }
}

/** Of a file that is to be stored. */
export async function digestOfSource(localFile: string): Promise<FileDigest> {
  try {
    const { size } = await stat(localFile);
    return { sha256: await sha256OfFile(localFile), size };
  } catch (error) {
    throw registryIoError(error, 'cannot be read, so it cannot be stored in the registry', localFile);
  }
}

/** Flushed to the disk before it returns. @returns the digest of what was copied */
async function copyDurably(from: string, to: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(to, 'wx', 0o444);
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      await handle.writeFile(chunk as Buffer);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Whether a file has these bytes. */
export async function holds(file: string, { sha256, size }: FileDigest): Promise<boolean> {
  return (await sizeOf(file)) === size && (await sha256OfFile(file)) === sha256;
}

/** Undefined when there is no such file. */
async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw registryIoError(error, 'cannot be read', file);
  }
}
