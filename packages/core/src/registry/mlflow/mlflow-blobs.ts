import type { FileDigest } from '../../manifest/column';
import { BlobCache } from '../blob-cache';
import { REFRESH_AGE } from '../driver';
import { blobMissing, digestOfSource, sourceChanged } from '../file-blobs';
import type { Artifact, MlflowClient } from './mlflow-client';
import type { MlflowStorage } from './mlflow-storage';

/**
 * Immutable files by their digest, as artifacts: `<experiment>/blobs/sha256/ab/<hex>.<ms>`. MLflow does not tell when an
 * artifact was stored, so its name does.
 */
export class MlflowBlobs {
  private readonly cache: BlobCache;

  /** @param cacheFolder absolute; made when a file is first needed */
  constructor(
    private readonly client: MlflowClient,
    private readonly storage: MlflowStorage,
    cacheFolder: string,
  ) {
    this.cache = new BlobCache(cacheFolder);
  }

  /** See `RegistryDriver.putBlob`. One that is there with another size was cut off and is replaced. */
  async put(localFile: string): Promise<FileDigest> {
    const digest = await digestOfSource(localFile);
    const { folder } = await this.storage.open();
    const there = await this.find(folder, digest.sha256);
    const isYoung = (artifact: Artifact) => Date.now() - storedAt(artifact) < REFRESH_AGE;
    if (there.some((artifact) => artifact.size === digest.size && isYoung(artifact))) return digest;
    const path = `${pathOf(folder, digest.sha256)}.${Date.now()}`;
    await this.client.putArtifact(path, { file: localFile });
    if ((await digestOfSource(localFile)).sha256 !== digest.sha256) {
      await this.client.deleteArtifact(path);
      throw sourceChanged(localFile);
    }
    for (const { name } of there)
      await this.client.deleteArtifact(`${folderOf(folder, digest.sha256)}/${name}`);
    return digest;
  }

  /** See `RegistryDriver.getBlob`. */
  get(blob: FileDigest): Promise<string> {
    const origin = `${this.client.server}: blob ${blob.sha256}`;
    const fetch = async () => {
      const folder = (await this.storage.find())?.folder;
      const found = folder === undefined ? [] : await this.find(folder, blob.sha256);
      const best = found.find(({ size }) => size === blob.size) ?? found[0];
      const body =
        folder === undefined || best === undefined
          ? undefined
          : await this.client.getArtifact(`${folderOf(folder, blob.sha256)}/${best.name}`);
      if (body === undefined) throw blobMissing(origin);
      return body;
    };
    return this.cache.get(blob, fetch, origin);
  }

  /** See `RegistryDriver.listBlobs`. */
  async *list(): AsyncGenerator<FileDigest & { readonly stored: number }> {
    const experiment = await this.storage.find();
    if (experiment === undefined) return;
    const root = `${experiment.folder}/${BLOBS}`;
    for (const { name: folder } of await this.client.listArtifacts(root)) {
      const newest = new Map<string, FileDigest & { readonly stored: number }>();
      for (const { name, size } of await this.client.listArtifacts(`${root}/${folder}`)) {
        const [, sha256, ms] = /^([0-9a-f]{64})\.(\d+)$/.exec(name) ?? [];
        if (sha256 === undefined) continue;
        const stored = Number(ms);
        if (stored > (newest.get(sha256)?.stored ?? -1)) newest.set(sha256, { sha256, size, stored });
      }
      yield* newest.values();
    }
  }

  /** See `RegistryDriver.removeBlobs`. */
  async remove(digests: readonly string[], before: number): Promise<string[]> {
    const experiment = await this.storage.find();
    const removed: string[] = [];
    for (const sha256 of digests) {
      if (experiment !== undefined) {
        const there = await this.find(experiment.folder, sha256);
        if (there.some((artifact) => storedAt(artifact) >= before)) continue;
        for (const { name } of there) {
          await this.client.deleteArtifact(`${folderOf(experiment.folder, sha256)}/${name}`);
        }
      }
      await this.cache.remove(sha256);
      removed.push(sha256);
    }
    return removed;
  }

  private async find(folder: string, sha256: string): Promise<Artifact[]> {
    const all = await this.client.listArtifacts(folderOf(folder, sha256));
    return all.filter(({ name }) => name.startsWith(`${sha256}.`));
  }
}

const BLOBS = 'blobs/sha256';

/** ms since the epoch */
function storedAt({ name }: Artifact): number {
  return Number(name.slice(name.lastIndexOf('.') + 1));
}

function folderOf(experiment: string, sha256: string): string {
  return `${experiment}/${BLOBS}/${sha256.slice(0, 2)}`;
}

function pathOf(experiment: string, sha256: string): string {
  return `${folderOf(experiment, sha256)}/${sha256}`;
}
