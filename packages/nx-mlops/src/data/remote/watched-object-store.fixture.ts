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
  /** Called before each request with its name; what it does is done when the request is made. */
  meanwhile: (request: string) => Promise<void>;
}

export function watchedStore(folder: string): WatchedStore {
  const inner = new FileObjectStore(folder);
  const note = (request: string): Promise<void> => {
    store.requests.push(request);
    return store.meanwhile(request);
  };
  const store: WatchedStore = {
    description: inner.description,
    requests: [],
    read: 0,
    putsLeft: Infinity,
    breakAfter: Infinity,
    meanwhile: () => Promise.resolve(),
    async head(key, signal) {
      await note(`head ${key}`);
      return inner.head(key, signal);
    },
    async get(key, options) {
      await note(`get ${key}${options?.range === undefined ? '' : ` from ${options.range.start}`}`);
      const found = await inner.get(key, options);
      if (found === undefined) return undefined;
      const body = Readable.from(breaking(store, found.body));
      // A generator that was never begun ends without a word to what it would have read from.
      body.once('close', () => found.body.destroy());
      return { info: found.info, body };
    },
    async put(key, body, options) {
      if (store.putsLeft-- <= 0) throw new Error('the power went');
      await note(`put ${key}`);
      return inner.put(key, body, options);
    },
    async *list(prefix, signal) {
      await note(`list ${prefix}`);
      yield* inner.list(prefix, signal);
    },
    async delete(keys, signal) {
      for (const key of keys) {
        await note(`delete ${key}`);
        await inner.delete([key], signal);
      }
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
