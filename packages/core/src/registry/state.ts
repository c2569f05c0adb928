/** What an environment serves of one model now. */
export interface Deployment {
  readonly environment: string;
  readonly version: number;
  readonly digest: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly actor: string;
  readonly reason?: string;
  /** Sequence number of the event that made it so. */
  readonly seq: number;
}

/** That a digest was taken out of an environment. */
export interface Rollback {
  readonly environment: string;
  /** What was rolled back from. */
  readonly digest: string;
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
  /** By environment. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** By environment, all deployments in order, the current one last. */
  readonly past: ReadonlyMap<string, readonly Deployment[]>;
  /** By environment, digests that were rolled back and not released. */
  readonly blocked: ReadonlyMap<string, ReadonlySet<string>>;
  /** By environment, all rollbacks in order, also of digests that were released since. */
  readonly rollbacks: ReadonlyMap<string, readonly Rollback[]>;
  readonly lastSeq: number;
}
