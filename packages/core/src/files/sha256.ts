import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';

/** A SHA-256 digest: 64 lower-case hex characters. */
export type Sha256 = string & z.$brand<'Sha256'>;

export function sha256OfBytes(bytes: string | Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}

/** Streams the file, so that memory stays flat at any size. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex') as Sha256;
}
