import { MlopsError } from '../errors/mlops-error';
import { isMd5Of } from '../object-store/md5-etag';
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
  await store.put(PROBE, BYTES);
  if ((await store.put(PROBE, BYTES, { ifAbsent: true })) !== undefined) {
    throw unfit(store, 'If-None-Match: an object that is there was overwritten all the same');
  }
  if ((await store.put(PROBE, BYTES, { ifMatch: NO_ETAG })) !== undefined) {
    throw unfit(store, 'If-Match: an object was overwritten that had another etag');
  }
}

/**
 * Whether the etag of an object put in one request is the MD5 of its bytes there, as it is in S3 save with some kinds of
 * encryption. Told by the probe, which every process puts anew before it writes.
 */
export async function hasMd5Etags(store: ObjectStore): Promise<boolean> {
  const probe = await store.head(PROBE);
  return probe !== undefined && isMd5Of(probe.etag, BYTES) === true;
}

function unfit(store: ObjectStore, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_STORE_UNFIT',
    `this store ignores ${what}. Two commands at once would lose each other's events, so nothing is written to it; what it holds can be read. Take a store that honours conditional writes, such as AWS S3 or a newer version of this one.`,
    { file: store.description },
  );
}
