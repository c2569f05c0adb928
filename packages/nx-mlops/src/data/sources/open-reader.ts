import type { ObjectStore } from '@nx-mlops/core';
import type { AddressReader, OpenReader } from './address-reader';
import { bucketReader } from './bucket-reader';
import { httpsReader } from './https-reader';

/** Opens a bucket, such as `s3://bucket`, as an object store. */
export type OpenBucket = (address: string) => Promise<ObjectStore>;

/** Readers by scheme; each bucket is opened once, and only when an address names it. */
export function readersOf(openBucket: OpenBucket): OpenReader {
  const buckets = new Map<string, Promise<AddressReader>>();
  return (address) => {
    const bucket = /^s3:\/\/([^/]+)/.exec(address)?.[1];
    if (bucket === undefined) return Promise.resolve(httpsReader);
    const known = buckets.get(bucket);
    if (known !== undefined) return known;
    const opened = openBucket(`s3://${bucket}`).then((store) => bucketReader(bucket, store));
    buckets.set(bucket, opened);
    return opened;
  };
}
