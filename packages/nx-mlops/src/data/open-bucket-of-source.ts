import { MlopsError, type ObjectStore } from '@nx-mlops/core';

/** Opens the bucket of a source with the credentials of the environment. */
export function openBucketOfSource(address: string): Promise<ObjectStore> {
  return Promise.reject(
    new MlopsError('MLOPS_REMOTE_FAILED', `${address} cannot be opened by this version.`),
  );
}
