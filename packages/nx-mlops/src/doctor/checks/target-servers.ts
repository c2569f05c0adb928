import { messageOf } from '@nx-mlops/core';
import { ok, skipped, warning, type Finding } from '../finding';
import { unreadConfig } from '../unread-config';
import type { Check } from '../surroundings';

const NAME = 'server';
/** ms */
const PATIENCE = 3000;

/** Whether the servers that targets name say that they are ready. */
export const targetServersCheck: Check = {
  name: NAME,
  async run({ mlops }, signal) {
    if (mlops === undefined) return [unreadConfig(NAME)];
    const servers = mlops.environments.flatMap(({ name, target }) =>
      typeof target === 'string' || target.url === undefined ? [] : [{ name, url: target.url }],
    );
    if (servers.length === 0) return [skipped(NAME, 'no environment names the address of one')];
    return Promise.all(servers.map((server) => judgeServer(server, signal)));
  },
};

async function judgeServer(
  { name, url }: { readonly name: string; readonly url: string },
  signal: AbortSignal,
): Promise<Finding> {
  const mend = `Start it (npx nx-mlops-server --environment=${name}), or correct "target.url". Rollouts go on without it, but cannot see what it has loaded.`;
  try {
    const { ok: isReady, status } = await fetch(new URL('/v2/health/ready', url), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    return isReady
      ? ok(NAME, `${url} of "${name}" is ready`)
      : warning(NAME, `${url} of "${name}" is not ready (${status})`, mend);
  } catch (error) {
    return warning(NAME, `${url} of "${name}" does not answer (${reasonOf(error)})`, mend);
  }
}

/** fetch hides what went wrong in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code ?? messageOf(cause ?? error);
}
