import { MlopsError } from '../errors/mlops-error';
import { abortedEvent } from './rollout/aborted-event';
import { refuseUnadmitted, type AdmissionPolicy } from './admission';
import type { ChangeContext } from './change-context';
import type { MetricValues } from '../manifest/evaluation';
import type { NewRegistryEvent } from './event';
import type { Evidence } from './rollout/evidence';
import type { RolloutPlan } from './rollout/plan';
import type { Rollout, VersionRef } from './rollout/rollout';
import type { Deployment, ModelState } from './state';

export type { ChangeContext } from './change-context';

/** How a version is to come into an environment. */
export interface StartOptions {
  /** In steps; all traffic at once when left out. */
  readonly plan?: RolloutPlan;
  /** What the environment asks of it, and the version's recorded metrics. */
  readonly admission?: { readonly policy: AdmissionPolicy; readonly metrics: MetricValues };
  /** That it was verified, for a deployment at once. */
  readonly evidence?: Evidence;
  /**
   * Sequence number of the last event that whoever asks has seen. A later event that brought a newer version into the
   * environment makes this command one that came too late.
   */
  readonly seen?: number;
}

/** What a command comes to: an event to record, or nothing because it is so already. */
export type StartDecision =
  | { readonly kind: 'append'; readonly event: NewRegistryEvent }
  /** The environment serves that digest. */
  | { readonly kind: 'unchanged'; readonly deployment: Deployment }
  /** A rollout of that digest is on its way there. */
  | { readonly kind: 'under-way'; readonly rollout: Rollout };

/**
 * Sends the traffic of an environment to a version, at once or by a rollout.
 *
 * @throws MlopsError MLOPS_UNKNOWN_VERSION; MLOPS_SUPERSEDED when a newer version came into the environment since
 *   `seen`; MLOPS_ROLLOUT_UNDER_WAY when the version serves and a rollout of another is on its way; the refusals of
 *   `refuseUnadmitted`
 */
export function decideDeploy(
  state: ModelState,
  command: { readonly environment: string; readonly version: number } & StartOptions,
  context: ChangeContext,
): StartDecision {
  const digest = state.versions.get(command.version);
  if (digest === undefined) throw unknownVersion(state, command.version);
  return decideStart(state, { ...command, candidate: { version: command.version, digest } }, context);
}

/**
 * Sends the traffic of an environment to what another one serves, at once or by a rollout.
 *
 * @throws MlopsError MLOPS_NOTHING_DEPLOYED when `from` serves nothing; MLOPS_PROMOTION_OUTDATED when it serves another
 *   version than the one that is meant; MLOPS_PROMOTE_TO_ITSELF; as `decideDeploy`
 */
export function decidePromote(
  state: ModelState,
  command: {
    readonly from: string;
    readonly environment: string;
    /** That is meant: what was verified or approved. @default whatever `from` serves */
    readonly version?: number;
  } & StartOptions,
  context: ChangeContext,
): StartDecision {
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
  if (command.version !== undefined && command.version !== version) {
    throw new MlopsError(
      'MLOPS_PROMOTION_OUTDATED',
      `"${from}" serves version ${version} of "${state.model}" now, not version ${command.version}, so nothing was changed. Promote it anew to take version ${version}.`,
    );
  }
  return decideStart(state, { ...command, candidate: { version, digest } }, context);
}

function decideStart(
  state: ModelState,
  command: {
    readonly environment: string;
    readonly candidate: VersionRef;
    readonly from?: string;
  } & StartOptions,
  context: ChangeContext,
): StartDecision {
  const { environment, candidate, from, plan, evidence } = command;
  const serving = state.deployments.get(environment);
  const active = state.active.get(environment);
  if (active?.candidate.digest === candidate.digest) return { kind: 'under-way', rollout: active };
  if (serving?.digest === candidate.digest) {
    if (active === undefined) return { kind: 'unchanged', deployment: serving };
    throw new MlopsError(
      'MLOPS_ROLLOUT_UNDER_WAY',
      `version ${candidate.version} of "${state.model}" serves in "${environment}" already, and version ${active.candidate.version} is on its way there. Abort that rollout to stay with version ${candidate.version}.`,
    );
  }
  refuseSuperseded(state, environment, candidate, command.seen);
  refuseUnadmitted(state, environment, candidate, command.admission);
  const origin = from === undefined ? {} : { from };
  if (plan !== undefined) {
    const event = {
      type: 'rollout-started',
      environment,
      rollout: `${environment}-${state.lastSeq + 1}`,
      ...candidate,
      ...(serving === undefined ? {} : { champion: { version: serving.version, digest: serving.digest } }),
      ...origin,
      plan,
      ...(active === undefined ? {} : { supersedes: active.id }),
      ...context,
    } as const;
    return { kind: 'append', event };
  }
  const proof = evidence === undefined ? {} : { evidence };
  return {
    kind: 'append',
    event:
      from === undefined
        ? { type: 'deployed', environment, ...candidate, ...proof, ...context }
        : { type: 'promoted', from, environment, ...candidate, ...proof, ...context },
  };
}

function refuseSuperseded(
  state: ModelState,
  environment: string,
  candidate: VersionRef,
  seen: number | undefined,
): void {
  if (seen === undefined) return;
  const newer = [
    { version: state.deployments.get(environment), seq: state.deployments.get(environment)?.seq ?? 0 },
    { version: state.active.get(environment)?.candidate, seq: state.active.get(environment)?.seq ?? 0 },
  ].find(({ version, seq }) => version !== undefined && seq > seen && version.version > candidate.version);
  if (newer === undefined) return;
  throw new MlopsError(
    'MLOPS_SUPERSEDED',
    `version ${candidate.version} of "${state.model}" was superseded in "${environment}" by version ${newer.version?.version} (event ${newer.seq}) while this command ran, so nothing was changed. To serve version ${candidate.version} all the same, run the command again with its number.`,
  );
}

/** A way back that can be taken: what leaves, what serves then, and the event to record. */
export interface RollbackDecision {
  /** `abort`: a rollout was under way, and what served before it goes on serving. */
  readonly kind: 'rollback' | 'abort';
  readonly from: VersionRef & { readonly since: string };
  /** The earlier deployment that comes back; undefined when nothing served before the rollout. */
  readonly target?: Deployment;
  readonly event: NewRegistryEvent;
}

/**
 * Goes back. A rollout under way is aborted. Else the environment returns to the last version that served there before
 * the current one, is not blocked there and was never rolled back from there; or to the version that is named. What is
 * left is blocked in this environment.
 *
 * @throws MlopsError MLOPS_NOTHING_DEPLOYED; MLOPS_NO_ROLLBACK_TARGET when no such version exists
 */
export function decideRollback(
  state: ModelState,
  command: {
    readonly environment: string;
    readonly to?: number;
    readonly forced?: boolean;
    readonly evidence?: Evidence;
  },
  context: ChangeContext,
): RollbackDecision {
  const { environment, to, forced, evidence } = command;
  const serving = state.deployments.get(environment);
  const active = state.active.get(environment);
  if (active !== undefined && (to === undefined || to === serving?.version)) {
    return {
      kind: 'abort',
      from: { ...active.candidate, since: active.startedAt },
      ...(serving === undefined ? {} : { target: serving }),
      event: abortedEvent(active, 'rollback', context),
    };
  }
  if (serving === undefined) throw nothingDeployed(state, environment);
  const target = to === undefined ? rollbackTarget(state, environment) : namedTarget(state, serving, to);
  if (target === undefined) throw noTarget(state, serving);
  return {
    kind: 'rollback',
    from: serving,
    target,
    event: {
      type: 'rolled-back',
      environment,
      version: target.version,
      digest: target.digest,
      blocked: serving.digest,
      ...(evidence === undefined ? {} : { evidence }),
      ...(forced === true ? { forced } : {}),
      ...context,
    },
  };
}

/** What served there under a number, if a rollback may return to it. */
function namedTarget(state: ModelState, serving: Deployment, version: number): Deployment {
  const { environment } = serving;
  const target = state.past.get(environment)?.findLast((each) => each.version === version);
  const because =
    version === serving.version
      ? 'it serves there now'
      : target === undefined
        ? 'it never served there'
        : state.pruned.has(version)
          ? 'gc removed its bytes'
          : state.blocked.get(environment)?.has(target.digest)
            ? 'it was rolled back there itself and not released'
            : undefined;
  if (target !== undefined && because === undefined) return target;
  throw new MlopsError(
    'MLOPS_NO_ROLLBACK_TARGET',
    `"${state.model}" cannot go back to version ${version} in "${environment}": ${because}.`,
  );
}

/** The deployment that a rollback would bring back, or undefined. */
export function rollbackTarget(state: ModelState, environment: string): Deployment | undefined {
  const past = state.past.get(environment) ?? [];
  const current = past.at(-1);
  const bad = new Set(state.withdrawals.get(environment)?.map(({ digest }) => digest));
  for (const digest of state.blocked.get(environment) ?? []) bad.add(digest);
  return past.findLast(
    ({ digest, version }) => digest !== current?.digest && !bad.has(digest) && !state.pruned.has(version),
  );
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
  if (state.withdrawals.get(environment)?.some((each) => each.digest === digest)) return undefined;
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
