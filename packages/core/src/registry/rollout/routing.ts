import type { ModelState } from '../state';
import { trafficShareOf, type VersionRef } from './rollout';

/** What a server of an environment holds and who answers which requests. */
export interface Routing {
  /** Answers what the candidate does not. */
  readonly stable?: VersionRef;
  readonly candidate?: VersionRef & {
    /** Percent of the requests that it answers. */
    readonly weight: number;
    /** Percent of the requests that it answers too, its answers unused. */
    readonly shadow: number;
    /** Of the rollout; salts the routing, so that two experiments do not share their groups. */
    readonly rollout: string;
  };
}

/** What an environment serves of a model now; undefined when it serves nothing. */
export function routingOf(
  state: Pick<ModelState, 'deployments' | 'active'>,
  environment: string,
): Routing | undefined {
  const deployment = state.deployments.get(environment);
  const rollout = state.active.get(environment);
  if (deployment === undefined && rollout === undefined) return undefined;
  return {
    ...(deployment === undefined
      ? {}
      : { stable: { version: deployment.version, digest: deployment.digest } }),
    ...(rollout === undefined
      ? {}
      : { candidate: { ...rollout.candidate, ...trafficShareOf(rollout), rollout: rollout.id } }),
  };
}
