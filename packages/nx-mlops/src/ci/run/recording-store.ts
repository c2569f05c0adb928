import type { ObjectInfo, ObjectStore } from '@nx-mlops/core';

/** A store that remembers which objects were read, written, or found to be there. */
export class RecordingStore implements ObjectStore {
  readonly used = new Set<string>();
  readonly description: string;

  constructor(private readonly store: ObjectStore) {
    this.description = store.description;
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.noted(key, await this.store.head(key, signal));
  }

  async get(...args: Parameters<ObjectStore['get']>): ReturnType<ObjectStore['get']> {
    return this.noted(args[0], await this.store.get(...args));
  }

  async put(...args: Parameters<ObjectStore['put']>): Promise<string | undefined> {
    return this.noted(args[0], await this.store.put(...args));
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    return this.store.list(prefix, signal);
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.store.delete(keys, signal);
    for (const key of keys) this.used.delete(key);
  }

  private noted<Found>(key: string, found: Found): Found {
    if (found !== undefined) this.used.add(key);
    return found;
  }
}
