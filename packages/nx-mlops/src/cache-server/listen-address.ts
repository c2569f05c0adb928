import { MlopsError } from '@nx-mlops/core';
import { isIPv4 } from 'node:net';

/**
 * Refuses an address that other machines reach where no token keeps them out.
 *
 * @throws MlopsError MLOPS_CACHE_OPEN
 */
export function assertMayListen(host: string, hasTokens: boolean): void {
  if (hasTokens || isLoopback(host)) return;
  throw new MlopsError(
    'MLOPS_CACHE_OPEN',
    `Other machines reach ${host}, and without tokens each could put anything into every build. Set NX_MLOPS_CACHE_TRUSTED_TOKEN and NX_MLOPS_CACHE_PULL_REQUEST_TOKEN, or listen on 127.0.0.1.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
