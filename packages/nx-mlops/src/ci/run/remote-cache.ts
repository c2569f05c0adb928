import { isSet } from '../../doctor/ci-system';

export const SERVER_VARIABLE = 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
export const TOKEN_VARIABLE = 'NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN';
const HEALTH_TIMEOUT_MS = 3_000;

/** Where the jobs of a pipeline share what they built. */
export type RemoteCache =
  | { readonly kind: 'nx-cloud' }
  | { readonly kind: 'server'; readonly url: string }
  /** Ours, for the time of one job. `because` where a server that is set is left out. */
  | { readonly kind: 'embedded'; readonly because?: string };

/** @param nxJson parsed `nx.json`, of any form */
export async function chooseRemoteCache(
  env: NodeJS.ProcessEnv,
  nxJson: unknown,
  asks: (url: string) => Promise<string | undefined> = askHealth,
): Promise<RemoteCache> {
  if (hasNxCloud(env, nxJson)) return { kind: 'nx-cloud' };
  const url = env[SERVER_VARIABLE];
  if (!isSet(url)) return { kind: 'embedded' };
  const trouble = await asks(url);
  return trouble === undefined ? { kind: 'server', url } : { kind: 'embedded', because: trouble };
}

export function hasNxCloud(env: NodeJS.ProcessEnv, nxJson: unknown): boolean {
  if (env['NX_NO_CLOUD'] === 'true') return false;
  const { nxCloudId, nxCloudAccessToken } = (nxJson ?? {}) as Record<string, unknown>;
  return [nxCloudId, nxCloudAccessToken, env['NX_CLOUD_ACCESS_TOKEN']].some(
    (value) => typeof value === 'string' && isSet(value),
  );
}

/** A server of others may have no such page; what answers is up. @returns why not, in words */
async function askHealth(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
      redirect: 'manual',
    });
    await response.body?.cancel();
    return response.status >= 500 ? `it answers with status ${response.status}` : undefined;
  } catch {
    return `it does not answer within ${HEALTH_TIMEOUT_MS / 1000} s`;
  }
}
