import { messageOf } from '@nx-mlops/core';
import { isSet } from '../ci-system';
import { ok, problem, skipped, warning } from '../finding';
import type { Check } from '../surroundings';

const NAME = 'Nx remote cache';
const SERVER = 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
const TOKEN = 'NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN';
/** ms */
const PATIENCE = 5000;

/** Whether the self-hosted cache that Nx is told of answers and takes the token: by asking for an entry that is not there. */
export const nxCacheCheck: Check = {
  name: NAME,
  async run({ env }, signal) {
    const server = env[SERVER];
    const token = env[TOKEN];
    if (!isSet(server)) {
      if (isSet(token)) {
        return [
          warning(NAME, `${TOKEN} is set and ${SERVER} is not`, `Set ${SERVER}, or Nx asks no server.`),
        ];
      }
      return [skipped(NAME, `no ${SERVER}: what another machine has computed is computed anew`)];
    }
    if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
      return [problem(NAME, `${SERVER} is no address`, 'Write it as https://cache.example.org.')];
    }
    const shown = new URL(server).host;
    const entry = `${server.replace(/\/+$/, '')}/v1/cache/${'0'.repeat(20)}`;
    let status: number;
    try {
      const answer = await fetch(entry, {
        headers: isSet(token) ? { authorization: `Bearer ${token}` } : {},
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      });
      status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      const { cause } = error as { cause?: NodeJS.ErrnoException };
      return [
        warning(
          NAME,
          `${shown} does not answer (${cause?.code ?? messageOf(cause ?? error)})`,
          `Start the server, correct ${SERVER}, or unset it so that Nx does not wait for it.`,
        ),
      ];
    }
    if (status === 401 || status === 403) {
      return [
        problem(
          NAME,
          isSet(token)
            ? `${shown} refuses the token of ${TOKEN} (${status})`
            : `${shown} wants a token (${status})`,
          `Set ${TOKEN} to one that it knows.`,
        ),
      ];
    }
    if (status !== 404 && status !== 200) {
      return [
        warning(
          NAME,
          `${shown} answers ${status} where 404 was expected`,
          `Is ${SERVER} a cache server of Nx?`,
        ),
      ];
    }
    if (!isSet(token)) {
      return [
        warning(
          NAME,
          `${shown} lets everybody read, and ${TOKEN} is not set`,
          'Protect it by tokens: who can write an entry decides what others run (CVE-2025-36852).',
        ),
      ];
    }
    return [ok(NAME, `${shown} answers and takes the token`)];
  },
};
