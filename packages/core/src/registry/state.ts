import type { Rollout, VersionRef } from './rollout/rollout';

/** What an environment serves of one model now, what a rollout under way sends elsewhere apart. */
export interface Deployment extends VersionRef {
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly actor: string;
  readonly reason?: string;
  /** Sequence number of the event that made it so. */
  readonly seq: number;
}

/** That a digest was taken out of an environment: rolled back, or its rollout aborted. */
export interface Withdrawal {
  readonly environment: string;
  readonly digest: string;
  readonly kind: 'rolled back' | 'aborted';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: string;
  readonly reason?: string;
  /** Sequence number of the event. */
  readonly seq: number;
}

/** The fold of a model's event log. */
export interface ModelState {
  readonly model: string;
  /** Registered versions, number to digest. */
  readonly versions: ReadonlyMap<number, string>;
  /** Digests of the records of versions, by number; older versions have none. */
  readonly records: ReadonlyMap<number, string>;
  /** Versions whose bytes gc removed. */
  readonly pruned: ReadonlySet<number>;
  /** By environment. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** By environment, all deployments in order, the current one last. */
  readonly past: ReadonlyMap<string, readonly Deployment[]>;
  /** By environment, digests that may not serve there until they are released. */
  readonly blocked: ReadonlyMap<string, ReadonlySet<string>>;
  /** By environment, all rollbacks and quarantines in order, also of digests that were released since. */
  readonly withdrawals: ReadonlyMap<string, readonly Withdrawal[]>;
  /** By environment, the rollout under way. */
  readonly active: ReadonlyMap<string, Rollout>;
  /** All rollouts by id, in the order in which they began. */
  readonly rollouts: ReadonlyMap<string, Rollout>;
  /** When its last event was recorded. ISO 8601, UTC; undefined without one. */
  readonly lastAt?: string;
  readonly lastSeq: number;
}
