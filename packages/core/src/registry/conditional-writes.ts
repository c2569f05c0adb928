import { MlopsError } from '../errors/mlops-error';
import type { ObjectStore } from '../object-store/object-store';

const PROBE = 'conditional-writes.probe';
const BYTES = new TextEncoder().encode(
  'nx-mlops tries here whether this store refuses a write whose condition does not hold.\n',
);
/** No object has this etag, for it is the MD5 of none that was ever put here. */
const NO_ETAG = '"00000000000000000000000000000000"';

/**
 * Checks that a store refuses writes whose condition does not hold. In one that ignores If-None-Match or If-Match, two
 * commands at once would overwrite each other's events.
 *
 * @throws MlopsError MLOPS_REGISTRY_STORE_UNFIT when it does not; what the store throws
 */
export async function assertConditionalWrites(store: ObjectStore): Promise<void> {
  await store.put(PROBE, BYTES, { ifAbsent: true });
  if ((await store.put(PROBE, BYTES, { ifAbsent: true })) !== undefined) {
    throw unfit(store, 'If-None-Match: an object that is there was overwritten all the same');
  }
  if ((await store.put(PROBE, BYTES, { ifMatch: NO_ETAG })) !== undefined) {
    throw unfit(store, 'If-Match: an object was overwritten that had another etag');
  }
}

function unfit(store: ObjectStore, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_STORE_UNFIT',
    `this store ignores ${what}. Two commands at once would lose each other's events, so nothing is written to it; what it holds can be read. Take a store that honours conditional writes, such as AWS S3 or a newer version of this one.`,
    { file: store.description },
  );
}
