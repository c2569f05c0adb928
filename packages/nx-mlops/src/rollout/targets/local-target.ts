import { messageOf, type Routing } from '@nx-mlops/core';
import type { Desired, Observed, Target } from './target';

/** A server that does not answer within this is not there. ms */
const PATIENCE = 2000;

/**
 * nx-mlops-server. It follows the registry by itself, so there is nothing to apply: what is recorded is what it serves,
 * within its poll of one second. With its address it can be asked what it has loaded.
 */
export class LocalTarget implements Target {
  readonly description: string;

  /** @param url of the server, such as `http://localhost:8080`; undefined when it cannot be asked */
  constructor(private readonly url?: string) {
    this.description = `nx-mlops-server${url === undefined ? '' : ` at ${url}`}, which follows the registry`;
  }

  plan({ routing }: Desired): Promise<readonly string[]> {
    return Promise.resolve([`the server follows the registry: ${describeRouting(routing)}`]);
  }

  apply(): Promise<void> {
    return Promise.resolve();
  }

  rollback(): Promise<void> {
    return Promise.resolve();
  }

  async observe({ model, versions }: Parameters<Target['observe']>[0]): Promise<Observed> {
    if (this.url === undefined) return { summary: 'the server follows the registry and was not asked' };
    try {
      const ready: number[] = [];
      for (const version of versions) {
        const path = `/v2/models/${encodeURIComponent(model)}/versions/${version}/ready`;
        const { ok } = await fetch(new URL(path, this.url), { signal: AbortSignal.timeout(PATIENCE) });
        if (ok) ready.push(version);
      }
      const summary =
        ready.length === 0
          ? `${this.url} has loaded none of them yet`
          : `${this.url} has loaded version ${ready.join(' and ')}`;
      return { ready, summary };
    } catch (error) {
      return { ready: [], summary: `${this.url} does not answer (${messageOf(error)})` };
    }
  }
}

/** Who answers what, in words. */
export function describeRouting(routing: Routing | undefined): string {
  if (routing === undefined) return 'nothing serves';
  const { stable, candidate } = routing;
  const rest = candidate === undefined ? 100 : 100 - candidate.weight;
  return [
    ...(stable === undefined ? [] : [`version ${stable.version} answers ${rest} %`]),
    ...(candidate === undefined ? [] : [`version ${candidate.version} answers ${candidate.weight} %`]),
    ...(candidate === undefined || candidate.shadow === 0
      ? []
      : [`${candidate.shadow} % are copied to version ${candidate.version}`]),
  ].join(', ');
}
