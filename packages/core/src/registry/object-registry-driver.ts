import { buffer } from 'node:stream/consumers';
import type { FileDigest } from '../manifest/column';
import type { ObjectStore } from '../object-store/object-store';
import { BlobCache } from './blob-cache';
import { checkedModelName } from './checked-name';
import { assertConditionalWrites } from './conditional-writes';
import { REFRESH_AGE, type EventPage, type LogPosition, type RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { blobMissing, digestOfSource, sourceChanged } from './file-blobs';
import { mapConcurrently } from './map-concurrently';
import { ObjectEventLogs } from './object-event-log';
import { registryConflict } from './registry-conflict';

const BLOBS = 'blobs/sha256/';
const HEADS_AT_ONCE = 16;

/**
 * A registry in an object store, laid out as one in a folder is:
 *
 * ```
 * blobs/sha256/ab/<hex>            immutable
 * models/<name>/versions/<n>.json  created with If-None-Match
 * models/<name>/events.jsonl       replaced with If-Match by itself and one more line
 * models/<name>/state.json         a cache of what the events come to
 * conditional-writes.probe         see `assertConditionalWrites`
 * ```
 *
 * Nobody waits for anybody: of two writers at once one is told that it came second. Files of versions come to a folder of
 * this machine before they are used.
 */
export class ObjectRegistryDriver implements RegistryDriver {
  readonly description: string;
  private readonly logs: ObjectEventLogs;
  private readonly cache: BlobCache;
  private probe: Promise<void> | undefined;

  /** @param cacheFolder absolute; for files of versions, made when one is first needed */
  constructor(
    private readonly store: ObjectStore,
    cacheFolder: string,
  ) {
    this.description = store.description;
    this.logs = new ObjectEventLogs(store);
    this.cache = new BlobCache(cacheFolder);
  }

  async listModels(): Promise<string[]> {
    const models: string[] = [];
    for await (const { key } of this.store.list('models/')) {
      const model = /^models\/([^/]+)\/events\.jsonl$/.exec(key)?.[1];
      if (model !== undefined) models.push(model);
    }
    return models.sort();
  }

  /** One that is there with another size was damaged and is replaced. */
  async putBlob(localFile: string): Promise<FileDigest> {
    const digest = await digestOfSource(localFile);
    const key = blobKey(digest.sha256);
    const there = await this.store.head(key);
    if (there?.size === digest.size && Date.now() - there.modified < REFRESH_AGE) return digest;
    await this.assertWritable();
    const condition = there === undefined ? { ifAbsent: true } : { ifMatch: there.etag };
    const etag = await this.store.put(key, { file: localFile }, condition);
    if (etag !== undefined && (await digestOfSource(localFile)).sha256 !== digest.sha256) {
      await this.store.delete([key]);
      throw sourceChanged(localFile);
    }
    return digest;
  }

  getBlob(blob: FileDigest): Promise<string> {
    const key = blobKey(blob.sha256);
    const origin = this.placeOf(key);
    const fetch = async () => {
      const found = await this.store.get(key);
      if (found === undefined) throw blobMissing(origin);
      return found.body;
    };
    return this.cache.get(blob, fetch, origin);
  }

  async *listBlobs(): AsyncGenerator<FileDigest & { readonly stored: number }> {
    for await (const { key, size, modified } of this.store.list(BLOBS)) {
      const sha256 = /\/([0-9a-f]{64})$/.exec(key)?.[1];
      if (sha256 !== undefined) yield { sha256, size, stored: modified };
    }
  }

  async removeBlobs(digests: readonly string[], before: number): Promise<string[]> {
    const ages = await mapConcurrently(digests, HEADS_AT_ONCE, async (sha256) => ({
      sha256,
      modified: (await this.store.head(blobKey(sha256)))?.modified ?? -Infinity,
    }));
    const old = ages.filter(({ modified }) => modified < before).map(({ sha256 }) => sha256);
    await this.store.delete(old.map(blobKey));
    for (const sha256 of old) await this.cache.remove(sha256);
    return old;
  }

  /** A record that is there and is ours, to the letter, counts as created: the answer to our write was lost. */
  async createVersion(model: string, version: number, record: string): Promise<void> {
    const key = versionKey(model, version);
    await this.assertWritable();
    const isOurs = async () => (await this.text(key)) === record;
    let etag;
    try {
      etag = await this.store.put(key, Buffer.from(record), { ifAbsent: true });
    } catch (error) {
      if (await isOurs().catch(() => false)) return;
      throw error;
    }
    if (etag !== undefined || (await isOurs())) return;
    throw registryConflict(`took version number ${version}`, this.placeOf(key));
  }

  async readVersion(model: string, version: number): Promise<string | undefined> {
    return this.text(versionKey(model, version));
  }

  async readEvents(model: string, after?: LogPosition): Promise<EventPage> {
    return this.logs.read(eventKey(model), after);
  }

  async appendEvent(model: string, event: RegistryEvent): Promise<void> {
    const key = eventKey(model);
    await this.assertWritable();
    await this.logs.append(key, event);
  }

  async readSnapshot(model: string): Promise<string | undefined> {
    return this.text(snapshotKey(model));
  }

  async writeSnapshot(model: string, snapshot: string): Promise<void> {
    await this.store.put(snapshotKey(model), Buffer.from(snapshot));
  }

  /** Asked before the first write of this process, and again when the answer did not come. */
  private assertWritable(): Promise<void> {
    this.probe ??= assertConditionalWrites(this.store).catch((error: unknown) => {
      this.probe = undefined;
      throw error;
    });
    return this.probe;
  }

  private async text(key: string): Promise<string | undefined> {
    const found = await this.store.get(key);
    return found === undefined ? undefined : (await buffer(found.body)).toString('utf8');
  }

  private placeOf(key: string): string {
    return `${this.description}/${key}`;
  }
}

function blobKey(sha256: string): string {
  return `${BLOBS}${sha256.slice(0, 2)}/${sha256}`;
}

function modelKey(model: string): string {
  return `models/${checkedModelName(model)}`;
}

function versionKey(model: string, version: number): string {
  return `${modelKey(model)}/versions/${version}.json`;
}

function eventKey(model: string): string {
  return `${modelKey(model)}/events.jsonl`;
}

function snapshotKey(model: string): string {
  return `${modelKey(model)}/state.json`;
}
