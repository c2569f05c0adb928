import { readFile } from 'node:fs/promises';
import { messageOf, MlopsError } from '@nx-mlops/core/light';

/** @throws MlopsError MLOPS_MODEL_MISSING when there is no file or it cannot be read */
export async function readModelFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new MlopsError(
      'MLOPS_MODEL_MISSING',
      `the model cannot be read (${messageOf(error)}). Run train, which writes it; if it was restored from a cache, run train again with --skip-nx-cache.`,
      { file },
      { cause: error },
    );
  }
}
