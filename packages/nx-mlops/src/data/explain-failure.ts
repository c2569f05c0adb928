import { MlopsError, messageOf } from '@nx-mlops/core';

/**
 * Gives a failure of the machine, such as a full disk, a name and a way out; anything else comes back as it is.
 * Works on errors of Node (by code) and of DuckDB (by message, the only thing that they carry).
 */
export function explainFailure(error: unknown): unknown {
  if (error instanceof MlopsError) return error;
  const message = messageOf(error);
  if (codeOf(error) === 'ENOSPC' || /No space left on device|not enough space on the disk/i.test(message)) {
    return new MlopsError(
      'MLOPS_DISK_FULL',
      `The disk is full, so nothing was kept of this run and the former result still stands. Free some space, for example with npx nx-mlops gc, which removes what nothing needs any more from .mlops/store, and run it once more. (${firstLine(message)})`,
      {},
      { cause: error },
    );
  }
  if (/^Out of Memory Error/i.test(message)) {
    return new MlopsError(
      'MLOPS_OUT_OF_MEMORY',
      `The query needs more memory than its limit. Raise the option "memoryLimit" of the target, such as --memoryLimit=2GB, or make the query smaller. (${firstLine(message)})`,
      {},
      { cause: error },
    );
  }
  return error;
}

function codeOf(error: unknown): unknown {
  return error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
