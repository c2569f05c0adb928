import { MlopsError, type ErrorLocation } from '@nx-mlops/core/light';

/** Whether a path of a source is an address rather than a place on this machine. */
export function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/**
 * Makes sure that an address is one that can be locked: https, s3, or http of this machine itself, which tests use.
 *
 * @throws MlopsError MLOPS_SOURCE_ADDRESS
 */
export function assertAddress(address: string, location: ErrorLocation): void {
  const complaint = complaintOf(address);
  if (complaint !== undefined) {
    throw new MlopsError('MLOPS_SOURCE_ADDRESS', `"${shownAddress(address)}" ${complaint}`, location);
  }
}

function complaintOf(address: string): string | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return 'is no address. Write it as https://host/path or s3://bucket/key.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'holds a user name or password, which would be committed. Take it out; s3:// addresses use the credentials of the environment.';
  }
  switch (url.protocol) {
    case 'https:':
      return undefined;
    case 'http:':
      return isLoopback(url)
        ? undefined
        : 'is sent in the clear, so anyone on the way could change it. Use https://.';
    case 's3:':
      return url.hostname === '' || url.pathname.length < 2
        ? 'names no object. Write s3://bucket/key, or s3://bucket/folder/ for all objects below it.'
        : undefined;
    default:
      return `begins with "${url.protocol}//", which is not known. Sources are files, https:// or s3:// addresses.`;
  }
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** As it may be printed: without user, password and query, for a query may hold a signature or a token. */
export function shownAddress(address: string): string {
  return address.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, '$1…@').replace(/\?.*$/s, '?…');
}

/** The path part, whose extension tells the format of the data. */
export function pathOfAddress(address: string): string {
  return address.startsWith('s3://') ? address : new URL(address).pathname;
}
