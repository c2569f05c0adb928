import { openObjectStore, type ObjectStore } from '@nx-mlops/core';

/** Opens the bucket of a source, `s3://bucket`, with the credentials, region and endpoint of the environment. */
export async function openBucketOfSource(address: string): Promise<ObjectStore> {
  return openObjectStore(address, { workspaceRoot: process.cwd() });
}
