import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileDigest } from '../manifest/column';
import { blobCorrupt, holds, removeAbandoned } from './file-blobs';
import { registryIoError } from './registry-io-error';

/** Blobs that lie elsewhere, as files of this machine: `blobs/sha256/ab/<hex>`. May be removed at any time. */
export class BlobCache {
  private readonly incoming: string;

  /** @param folder absolute; made by the first download */
  constructor(private readonly folder: string) {
    this.incoming = join(folder, 'incoming');
  }

  /**
   * A local file with these bytes, checked against the digest each time; fetched where it is not there or not whole.
   *
   * @param fetch gives the bytes, or throws that they are nowhere
   * @param origin of the bytes, named when they are not those of the digest
   * @throws MlopsError MLOPS_REGISTRY_BLOB_CORRUPT when what is fetched has another digest; what `fetch` throws
   */
  async get(blob: FileDigest, fetch: () => Promise<Readable>, origin: string): Promise<string> {
    const file = this.path(blob.sha256);
    if (await holds(file, blob)) return file;
    const body = await fetch();
    const temporary = join(this.incoming, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      await this.prepare(file);
      await pipeline(body, createWriteStream(temporary, { flags: 'wx', mode: 0o444 }));
      if (!(await holds(temporary, blob))) throw blobCorrupt(blob, origin);
      await rename(temporary, file);
      return file;
    } catch (error) {
      body.destroy();
      await rm(temporary, { force: true });
      throw registryIoError(error, 'the file of a version cannot be brought to this machine', file);
    }
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  private async prepare(file: string): Promise<void> {
    await mkdir(this.incoming, { recursive: true });
    await removeAbandoned(this.incoming);
    await mkdir(dirname(file), { recursive: true });
  }

  private path(sha256: string): string {
    return join(this.folder, 'sha256', sha256.slice(0, 2), sha256);
  }
}
