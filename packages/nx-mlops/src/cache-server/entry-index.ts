import { kindOfKey, type ScopeKind } from './scope';

interface Entry {
  readonly kind: ScopeKind;
  /** Bytes. */
  readonly size: number;
}

/**
 * Which entries there are, how big, and when each was last used: the keys of the map are in that order, the one longest
 * unused first. Lives in memory; at start the time an entry was written stands for its last use.
 */
export class EntryIndex {
  private readonly entries = new Map<string, Entry>();
  /** How many read an entry just now. */
  private readonly readers = new Map<string, number>();
  private readonly sums: Record<ScopeKind, { count: number; bytes: number }> = {
    trusted: { count: 0, bytes: 0 },
    'pull-request': { count: 0, bytes: 0 },
  };

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Entries and bytes of all scopes of a kind. */
  total(kind: ScopeKind): { readonly count: number; readonly bytes: number } {
    return this.sums[kind];
  }

  /** Notes that an entry is there and was used now. Objects that are no entries are passed over. */
  use(key: string, size: number): void {
    const kind = kindOfKey(key);
    if (kind === undefined) return;
    this.forget(key);
    this.entries.set(key, { kind, size });
    this.sums[kind].count += 1;
    this.sums[kind].bytes += size;
  }

  forget(key: string): void {
    const known = this.entries.get(key);
    if (known === undefined) return;
    this.entries.delete(key);
    this.sums[known.kind].count -= 1;
    this.sums[known.kind].bytes -= known.size;
  }

  isHeld(key: string): boolean {
    return this.readers.has(key);
  }

  /** Until the returned function is called, the entry is not among those to evict. */
  hold(key: string): () => void {
    const add = (count: number) => {
      const readers = (this.readers.get(key) ?? 0) + count;
      if (readers === 0) this.readers.delete(key);
      else this.readers.set(key, readers);
    };
    add(1);
    let isReleased = false;
    return () => {
      if (!isReleased) add(-1);
      isReleased = true;
    };
  }

  /**
   * What has to go so that the scopes of a kind hold no more than `maxBytes`, the longest unused first; nothing that is
   * held.
   */
  toEvict(kind: ScopeKind, maxBytes: number): { readonly key: string; readonly size: number }[] {
    const found = [];
    let over = this.sums[kind].bytes - maxBytes;
    if (over <= 0) return [];
    for (const [key, entry] of this.entries) {
      if (over <= 0) break;
      if (entry.kind !== kind || this.isHeld(key)) continue;
      found.push({ key, size: entry.size });
      over -= entry.size;
    }
    return found;
  }
}
