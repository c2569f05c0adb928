import { MlopsError } from '../errors/mlops-error';
import type { NewRegistryEvent } from './event';
import type { Deployment, ModelState } from './state';

/** Who asks for a change, when and why. */
export interface ChangeContext {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: string;
  readonly reason?: string;
}

/** What a command comes to: an event to record, or nothing because the environment serves that digest already. */
export type DeployDecision =
  | { readonly kind: 'append'; readonly event: NewRegistryEvent }
  | { readonly kind: 'unchanged'; readonly deployment: Deployment };

/**
 * Sends all traffic of an environment to a version.
 *
 * @throws MlopsError MLOPS_UNKNOWN_VERSION; MLOPS_DIGEST_BLOCKED when it was rolled back there and not released
 */
export function decideDeploy(
  state: ModelState,
  command: { readonly environment: string; readonly version: number },
  context: ChangeContext,
): DeployDecision {
  const { environment, version } = command;
  const digest = state.versions.get(version);
  if (digest === undefined) throw unknownVersion(state, version);
  const serving = state.deployments.get(environment);
  if (serving?.digest === digest) return { kind: 'unchanged', deployment: serving };
  refuseBlocked(state, environment, digest, version);
  return { kind: 'append', event: { type: 'deployed', environment, version, digest, ...context } };
}

/**
 * Sends all traffic of an environment to what another one serves.
 *
 * @throws MlopsError MLOPS_NOTHING_DEPLOYED when `from` serves nothing; MLOPS_DIGEST_BLOCKED;
 *   MLOPS_PROMOTE_TO_ITSELF
 */
export function decidePromote(
  state: ModelState,
  command: { readonly from: string; readonly environment: string },
  context: ChangeContext,
): DeployDecision {
  const { from, environment } = command;
  if (from === environment) {
    throw new MlopsError(
      'MLOPS_PROMOTE_TO_ITSELF',
      `"${state.model}" cannot be promoted from "${from}" to the same environment. Name two different ones.`,
    );
  }
  const source = state.deployments.get(from);
  if (source === undefined) throw nothingDeployed(state, from);
  const { version, digest } = source;
  const serving = state.deployments.get(environment);
  if (serving?.digest === digest) return { kind: 'unchanged', deployment: serving };
  refuseBlocked(state, environment, digest, version);
  return { kind: 'append', event: { type: 'promoted', from, environment, version, digest, ...context } };
}

/** A rollback that can be done: what serves now, what will, and the event to record. */
export interface RollbackDecision {
  readonly from: Deployment;
  /** The earlier deployment that comes back. */
  readonly target: Deployment;
  readonly event: NewRegistryEvent;
}

/**
 * Goes back to the last version that served in the environment before the current one, is not blocked there and was
 * never rolled back from there. The current digest is blocked in this environment.
 *
 * @throws MlopsError MLOPS_NOTHING_DEPLOYED; MLOPS_NO_ROLLBACK_TARGET when no such version exists
 */
export function decideRollback(
  state: ModelState,
  command: { readonly environment: string },
  context: ChangeContext,
): RollbackDecision {
  const { environment } = command;
  const from = state.deployments.get(environment);
  if (from === undefined) throw nothingDeployed(state, environment);
  const target = rollbackTarget(state, environment);
  if (target === undefined) throw noTarget(state, from);
  return {
    from,
    target,
    event: {
      type: 'rolled-back',
      environment,
      version: target.version,
      digest: target.digest,
      blocked: from.digest,
      ...context,
    },
  };
}

/** The deployment that a rollback would bring back, or undefined. */
export function rollbackTarget(state: ModelState, environment: string): Deployment | undefined {
  const past = state.past.get(environment) ?? [];
  const current = past.at(-1);
  const bad = new Set(state.rollbacks.get(environment)?.map(({ digest }) => digest));
  for (const digest of state.blocked.get(environment) ?? []) bad.add(digest);
  return past.findLast(({ digest }) => digest !== current?.digest && !bad.has(digest));
}

/**
 * Lets a blocked digest serve in the environment again. It is deployed by a command of its own.
 *
 * @returns undefined when it was rolled back there once and is released already
 * @throws MlopsError MLOPS_DIGEST_NOT_BLOCKED when it was never rolled back there
 */
export function decideRelease(
  state: ModelState,
  command: { readonly environment: string; readonly digest: string },
  context: ChangeContext,
): NewRegistryEvent | undefined {
  const { environment, digest } = command;
  const blocked = state.blocked.get(environment);
  if (blocked?.has(digest)) return { type: 'released', environment, digest, ...context };
  if (state.rollbacks.get(environment)?.some((rollback) => rollback.digest === digest)) return undefined;
  throw new MlopsError(
    'MLOPS_DIGEST_NOT_BLOCKED',
    `the digest "${digest}" of "${state.model}" is not blocked in "${environment}". ${
      blocked === undefined || blocked.size === 0
        ? 'None is.'
        : `Blocked there: ${[...blocked].map((each) => nameOfDigest(state, each)).join(', ')}.`
    }`,
  );
}

/** @returns the error that a version is not registered, with those that are */
export function unknownVersion(state: ModelState, version: number): MlopsError {
  const known = [...state.versions.keys()];
  return new MlopsError(
    'MLOPS_UNKNOWN_VERSION',
    `"${state.model}" has no version ${version}. ${
      known.length === 0
        ? 'None is registered yet; the deploy target registers a version when its gates pass.'
        : `Registered: ${known.length > 20 ? '…, ' : ''}${known.slice(-20).join(', ')}.`
    }`,
  );
}

function refuseBlocked(state: ModelState, environment: string, digest: string, version: number): void {
  if (!state.blocked.get(environment)?.has(digest)) return;
  const rollback = state.rollbacks.get(environment)?.findLast((each) => each.digest === digest);
  throw new MlopsError(
    'MLOPS_DIGEST_BLOCKED',
    `version ${version} of "${state.model}" may not serve in "${environment}": it was rolled back there${
      rollback === undefined
        ? ''
        : ` on ${rollback.at} by ${rollback.actor} (${rollback.reason ?? 'no reason given'})`
    }. Deploy another version, or, if it is sound after all, release its digest ${digest} in "${environment}" first.`,
  );
}

function nothingDeployed(state: ModelState, environment: string): MlopsError {
  const serving = [...state.deployments.keys()];
  return new MlopsError(
    'MLOPS_NOTHING_DEPLOYED',
    `"${state.model}" serves nothing in "${environment}". ${
      serving.length === 0
        ? 'It serves in no environment yet; deploy a version first.'
        : `It serves in: ${serving.join(', ')}.`
    }`,
  );
}

function noTarget(state: ModelState, from: Deployment): MlopsError {
  return new MlopsError(
    'MLOPS_NO_ROLLBACK_TARGET',
    `"${state.model}" has no earlier version to go back to in "${from.environment}": version ${from.version} serves, and no other version served there that was not itself rolled back. Deploy a sound version by its number instead.`,
  );
}

function nameOfDigest(state: ModelState, digest: string): string {
  const version = [...state.versions].find(([, each]) => each === digest)?.[0];
  return version === undefined ? digest : `${digest} (version ${version})`;
}
