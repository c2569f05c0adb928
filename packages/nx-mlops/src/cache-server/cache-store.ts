import { messageOf, type ObjectInfo, type ObjectStore } from '@nx-mlops/core';
import { EntryIndex } from './entry-index';
import type { Figures } from './figures';
import { resumedBody } from './resumed-body';
import { entryKey, scopeKinds, type Access, type Scope, type ScopeKind } from './scope';
import type { Spooled } from './spool';

export interface FoundEntry {
  readonly scope: Scope;
  /** Bytes. */
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** To be called when the body was read or given up. */
  readonly release: () => void;
}

export interface CacheStoreOptions {
  readonly store: ObjectStore;
  /** Bytes of all entries of a kind of scope; past it those longest unused go. */
  readonly maxBytes: Readonly<Record<ScopeKind, number>>;
  readonly figures: Figures;
  readonly log: (line: string) => void;
}

/**
 * Entries in an object store, each written once and never again. What a store throws passes through, except of evictions,
 * which happen in the background and are logged.
 */
export class CacheStore {
  private readonly index = new EntryIndex();
  private eviction: Promise<void> | undefined;

  private constructor(private readonly options: CacheStoreOptions) {}

  /** Lists what is there; removes what is past the limit. */
  static async open(options: CacheStoreOptions): Promise<CacheStore> {
    const cache = new CacheStore(options);
    const found: ObjectInfo[] = [];
    for (const kind of scopeKinds) for await (const info of options.store.list(`${kind}/`)) found.push(info);
    found.sort((a, b) => a.modified - b.modified);
    for (const { key, size } of found) cache.index.use(key, size);
    for (const kind of scopeKinds) cache.evict(kind);
    return cache;
  }

  total(kind: ScopeKind): { readonly count: number; readonly bytes: number } {
    return this.index.total(kind);
  }

  /** The entry in the first scope that has it. @param signal aborts when nobody wants it any more */
  async get({ reads }: Access, hash: string, signal: AbortSignal): Promise<FoundEntry | undefined> {
    for (const scope of reads) {
      const key = entryKey(scope, hash);
      const release = this.index.hold(key);
      try {
        const found = await this.options.store.get(key, { signal });
        if (found !== undefined) {
          const { size } = found.info;
          this.index.use(key, size);
          return { scope, size, body: resumedBody(this.options.store, found, signal), release };
        }
      } catch (error) {
        release();
        throw error;
      }
      release();
      this.index.forget(key);
    }
    return undefined;
  }

  /** Whether the entry is in a scope that this access reads. Asks the store: another server may have written it. */
  async has({ reads }: Access, hash: string): Promise<boolean> {
    for (const scope of reads) {
      if ((await this.options.store.head(entryKey(scope, hash))) !== undefined) return true;
    }
    return false;
  }

  /** @returns false where the entry is there already; it is left as it is */
  async put(scope: Scope, hash: string, { file, size }: Spooled): Promise<boolean> {
    const key = entryKey(scope, hash);
    if ((await this.options.store.put(key, { file }, { ifAbsent: true })) === undefined) return false;
    this.index.use(key, size);
    this.evict(scope.kind);
    return true;
  }

  /** Resolves when no eviction is under way. */
  async settled(): Promise<void> {
    while (this.eviction !== undefined) await this.eviction;
  }

  private evict(kind: ScopeKind): void {
    if (this.index.total(kind).bytes <= this.options.maxBytes[kind]) return;
    const eviction = (this.eviction ?? Promise.resolve())
      .then(() => this.evictNow(kind))
      .catch((error: unknown) => {
        this.options.figures.storageFailed();
        this.options.log(`eviction failed: ${messageOf(error)}`);
      })
      .finally(() => {
        if (this.eviction === eviction) this.eviction = undefined;
      });
    this.eviction = eviction;
  }

  private async evictNow(kind: ScopeKind): Promise<void> {
    const { store, maxBytes, figures, log } = this.options;
    for (const { key, size } of this.index.toEvict(kind, maxBytes[kind])) {
      // Somebody may have begun to read it while others were deleted.
      if (this.index.isHeld(key)) continue;
      await store.delete([key]);
      this.index.forget(key);
      figures.add('evictions', kind);
      figures.add('bytesEvicted', kind, size);
      log(`evicted ${key} ${size} bytes`);
    }
  }
}
