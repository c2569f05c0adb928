import { MlopsError, type FileDigest } from '@nx-mlops/core';

/** An object of the remote does not hold the bytes that its name says. */
export function remoteCorrupt(store: string, key: string, digest: FileDigest, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_REMOTE_CORRUPT',
    `does not hold the bytes that it should (sha256 ${digest.sha256}): ${what}. Nothing of it was taken. Delete this object there and run push where the data is whole.`,
    { file: `${store}/${key}` },
  );
}

/** A failure of the remote, as against one of the data or the disk here. */
export function isRemoteFailure(error: unknown): error is MlopsError {
  return (
    error instanceof MlopsError &&
    (/^MLOPS_REMOTE_/.test(error.code) || error.code === 'MLOPS_S3_SDK_MISSING')
  );
}
