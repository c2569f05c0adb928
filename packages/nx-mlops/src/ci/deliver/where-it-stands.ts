import type { ModelState } from '@nx-mlops/core';
import type { DeployedModel } from './deployed-file';

/** How an environment stands to a version that a pipeline brought there. */
export type Standing =
  | { readonly kind: 'serving' }
  /** A rollout of it is under way. */
  | { readonly kind: 'under-way' }
  /** A later version took its place. */
  | { readonly kind: 'superseded'; readonly by: number }
  /** It was rolled back, its rollout aborted, or an earlier version serves. */
  | { readonly kind: 'withdrawn'; readonly because: string }
  /** The registry knows no such version. */
  | { readonly kind: 'unknown' };

export function standingOf(
  { version, digest }: Pick<DeployedModel, 'version' | 'digest'>,
  { versions, blocked, deployments, active }: ModelState,
  environment: string,
): Standing {
  if (versions.get(version) !== digest) return { kind: 'unknown' };
  const serving = deployments.get(environment);
  const coming = active.get(environment)?.candidate;
  if (blocked.get(environment)?.has(digest) === true) {
    return { kind: 'withdrawn', because: `it was withdrawn from ${environment}` };
  }
  if (serving?.digest === digest) return { kind: 'serving' };
  if (coming?.digest === digest) return { kind: 'under-way' };
  if (serving !== undefined && serving.version > version) {
    return { kind: 'superseded', by: serving.version };
  }
  if (coming !== undefined && coming.version > version) return { kind: 'superseded', by: coming.version };
  return {
    kind: 'withdrawn',
    because: `${environment} serves ${serving === undefined ? 'nothing of it' : `version ${serving.version}`}`,
  };
}
