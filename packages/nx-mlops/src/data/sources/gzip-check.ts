import { messageOf } from '@nx-mlops/core';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { broken } from './broken-source';

/**
 * Makes sure that a gzipped file is whole: DuckDB takes the end of a truncated one for the end of the data.
 *
 * @throws MlopsError MLOPS_SOURCE_BROKEN
 */
export async function assertWholeGzip(file: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(file), createGunzip(), nowhere);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw error;
    throw broken(
      file,
      `is ${code === 'Z_BUF_ERROR' ? 'cut off: the compressed data ends too early' : `damaged: ${messageOf(error)}`}. Fetch it again.`,
      error,
    );
  }
}
