import { type FileDigest, type ObjectStore } from '@nx-mlops/core';
import { mapConcurrently } from '../map-concurrently';
import type { PackCatalogue } from './pack-catalogue';
import { blobKey, SMALL_FILE } from './remote-layout';

const HEADS_AT_ONCE = 16;

/** Files by their content on a store that machines share: big ones as objects, small ones in packs. */
export interface RemoteStore {
  readonly objects: ObjectStore;
  readonly catalogue: PackCatalogue;
}

export function isSmall({ size }: FileDigest): boolean {
  return size < SMALL_FILE;
}

/** Each digest once, in the order in which they come first. */
export function distinct<Item>(items: readonly Item[], digestOf: (item: Item) => FileDigest): Item[] {
  return [...new Map(items.map((item) => [digestOf(item).sha256, item])).values()];
}

/** Those that the remote does not hold. */
export async function absentFrom(
  { objects, catalogue }: RemoteStore,
  digests: readonly FileDigest[],
  signal?: AbortSignal,
): Promise<FileDigest[]> {
  const small = digests.filter((digest) => isSmall(digest) && digest.size > 0);
  const packed = small.length === 0 ? new Map() : await catalogue.locate(small, signal);
  const big = digests.filter((digest) => !isSmall(digest));
  const heads = await mapConcurrently(big, HEADS_AT_ONCE, ({ sha256 }) =>
    objects.head(blobKey(sha256), signal),
  );
  return [
    ...small.filter(({ sha256 }) => !packed.has(sha256)),
    ...big.filter(({ size }, index) => heads[index]?.size !== size),
  ];
}
