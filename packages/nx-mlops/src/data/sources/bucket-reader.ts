import type { ObjectStore } from '@nx-mlops/core';
import { notFound, type AddressReader } from './address-reader';

/** Reads s3://bucket/key addresses of one bucket. A key that ends with a slash stands for all objects below it. */
export function bucketReader(bucket: string, store: ObjectStore): AddressReader {
  const root = `s3://${bucket}/`;
  const keyOf = (address: string) => address.slice(root.length);
  const look: AddressReader['look'] = async (address, _known, signal) => {
    const info = await store.head(keyOf(address), signal);
    if (info === undefined) throw notFound(address, 'no such object');
    return { address, size: info.size, etag: info.etag };
  };
  return {
    look,
    async list(address, signal) {
      if (!address.endsWith('/')) return [{ address }];
      const files = [];
      for await (const { key, size, etag } of store.list(keyOf(address), signal)) {
        // Consoles make empty objects that stand for folders.
        if (!key.endsWith('/')) files.push({ address: `${root}${key}`, size, etag });
      }
      if (files.length === 0) throw notFound(address, 'no object begins with it');
      return files;
    },
    async read(address, from, signal) {
      const { size, etag } = await look(address, undefined, signal);
      const resumes = from !== undefined && from.etag === etag && size !== undefined && from.start < size;
      const got = await store.get(keyOf(address), {
        signal,
        ...(resumes ? { range: { start: from.start, end: size - 1 } } : {}),
      });
      if (got === undefined) throw notFound(address, 'no such object');
      return {
        body: got.body as AsyncIterable<Uint8Array>,
        start: resumes ? from.start : 0,
        size,
        etag: got.info.etag,
      };
    },
  };
}
