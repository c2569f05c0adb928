import { sha256OfFile, type Sha256 } from '@nx-mlops/core';

/** As `sha256OfFile`, but an abort throws the reason of the signal, as everywhere in a stage. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<Sha256> {
  try {
    return await sha256OfFile(file, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
