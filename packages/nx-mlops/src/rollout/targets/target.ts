import type { Routing } from '@nx-mlops/core';

/** What a target is asked to serve of one model in one environment. */
export interface Desired {
  /** The name in URLs: a safe name, `fileNameOfProject`. */
  readonly model: string;
  readonly environment: string;
  /** Undefined for nothing. */
  readonly routing?: Routing;
}

/** What a target says that it serves. */
export interface Observed {
  /** Versions that are loaded and would answer; undefined where the target cannot be asked. */
  readonly ready?: readonly number[];
  /** One sentence for people. */
  readonly summary: string;
}

/**
 * What serves models. A rollout knows only this; a target knows nothing of rollouts. All methods may be called again with
 * the same arguments: a command that crashed is run once more.
 */
export interface Target {
  /** For people, such as `nx-mlops-server, which follows the registry`. */
  readonly description: string;
  /** What `apply` would change, a line each; changes nothing. */
  plan(desired: Desired): Promise<readonly string[]>;
  /**
   * Makes it so, or leaves all as it was.
   * @throws MlopsError MLOPS_TARGET_FAILED
   */
  apply(desired: Desired): Promise<void>;
  /** What serves now. Read back after `apply`: what was asked for is not always what is done. */
  observe(
    desired: Pick<Desired, 'model' | 'environment'> & { readonly versions: readonly number[] },
  ): Promise<Observed>;
  /** As `apply`, by the fastest way back. */
  rollback(desired: Desired): Promise<void>;
}
