/**
 * How a remote store is laid out. Everything but the refs is named by its content and never changed.
 *
 * - `blobs/sha256/ab/<hex>`: a file that is not small
 * - `packs/<hex>.pack`: small files one after the other, named by the sha256 of the whole
 * - `packs/index/<hex>.json`: what lies where in that pack; a pack counts once its index is there
 * - `locks/<hex>.json`: a dataset's lock as it was pushed
 * - `refs/<dataset>/<lock>-<manifest>.json`: what was pushed for which lock, so that `gc` knows what to keep
 * - `gc.json`: there while a `gc` is at work
 */
export const remoteLayout = {
  blobs: 'blobs/sha256/',
  packs: 'packs/',
  indexes: 'packs/index/',
  locks: 'locks/',
  refs: 'refs/',
  gcMarker: 'gc.json',
} as const;

/** Smaller files go into packs. Bytes; part of the layout, since it says where to look. */
export const SMALL_FILE = 1024 * 1024;

/** Bytes of a pack, at most; it is put together in memory. */
export const PACK_SIZE = 16 * 1024 * 1024;
/** Files of a pack, at most, which bounds its index. */
export const PACK_FILES = 16_384;

export function blobKey(sha256: string): string {
  return `${remoteLayout.blobs}${sha256.slice(0, 2)}/${sha256}`;
}

export function packKey(sha256: string): string {
  return `${remoteLayout.packs}${sha256}.pack`;
}

export function packIndexKey(sha256: string): string {
  return `${remoteLayout.indexes}${sha256}.json`;
}

export function lockKey(sha256: string): string {
  return `${remoteLayout.locks}${sha256}.json`;
}
