import { createHash } from 'node:crypto';

/** A short key for cached content; not for security. 128 bits, hex. */
export function digestOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  // The length goes first, so that two lists of parts never run together into one text.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 32);
}
