import { createHash } from 'node:crypto';

/**
 * Whether an etag is the MD5 of these bytes, as that of an object put in one request is in S3, save with some kinds of
 * encryption. Undefined for an etag that does not look like an MD5.
 *
 * Some stores answer for a moment with the etag of what is being put and the bytes of what was there (decision 14), so
 * whoever writes on the strength of an etag asks this first.
 */
export function isMd5Of(etag: string, bytes: Uint8Array): boolean | undefined {
  const md5 = /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1];
  return md5 === undefined ? undefined : md5 === createHash('md5').update(bytes).digest('hex');
}
