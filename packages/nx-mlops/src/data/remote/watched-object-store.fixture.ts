import { FileObjectStore, type ObjectStore } from '@nx-mlops/core';
import { Readable } from 'node:stream';
import { PackCatalogue } from './pack-catalogue';
import type { RemoteStore } from './remote-store';

/** A store in a folder that notes each request and can be told to fail. */
export interface WatchedStore extends ObjectStore {
  /** Such as `put packs/…`. */
  readonly requests: string[];
  /** Bytes that were read. */
  read: number;
  /** The puts that go through before all others fail. */
  putsLeft: number;
  /** Bytes after which each read breaks off. */
  breakAfter: number;
}

export function watchedStore(folder: string): WatchedStore {
  const inner = new FileObjectStore(folder);
  const store: WatchedStore = {
    description: inner.description,
    requests: [],
    read: 0,
    putsLeft: Infinity,
    breakAfter: Infinity,
    head(key, signal) {
      store.requests.push(`head ${key}`);
      return inner.head(key, signal);
    },
    async get(key, options) {
      store.requests.push(`get ${key}${options?.range === undefined ? '' : ` from ${options.range.start}`}`);
      const found = await inner.get(key, options);
      return found === undefined
        ? undefined
        : { info: found.info, body: Readable.from(breaking(store, found.body)) };
    },
    put(key, body, options) {
      if (store.putsLeft-- <= 0) return Promise.reject(new Error('the power went'));
      store.requests.push(`put ${key}`);
      return inner.put(key, body, options);
    },
    list(prefix, signal) {
      store.requests.push(`list ${prefix}`);
      return inner.list(prefix, signal);
    },
    delete(keys, signal) {
      store.requests.push(...keys.map((key) => `delete ${key}`));
      return inner.delete(keys, signal);
    },
  };
  return store;
}

export function remoteOver(objects: ObjectStore, catalogueFolder: string): RemoteStore {
  return { objects, catalogue: new PackCatalogue(objects, catalogueFolder) };
}

async function* breaking(store: WatchedStore, body: Readable): AsyncGenerator<Buffer> {
  let left = store.breakAfter;
  for await (const chunk of body) {
    const bytes = (chunk as Buffer).subarray(0, left);
    store.read += bytes.length;
    left -= bytes.length;
    yield bytes;
    if (left <= 0) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  }
}
