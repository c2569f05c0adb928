import { openObjectStore, type ObjectStore } from '@nx-mlops/core';

/**
 * Opens the bucket of a source, such as `s3://bucket`, with endpoint, region and credentials of the environment. The AWS
 * SDK is loaded by its first request.
 */
export async function openBucketOfSource(address: string): Promise<ObjectStore> {
  return openObjectStore(address, { workspaceRoot: process.cwd() });
}
