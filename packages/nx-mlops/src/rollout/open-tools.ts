import type { MlopsConfig, Registry } from '@nx-mlops/core';
import type { RolloutTools } from './rollout-request';
import { openTarget } from './targets/open-target';

/** The tools of a workspace: what verifies a version, judges its traffic and serves it. */
export function openTools(options: {
  readonly registry: Registry;
  readonly mlops: MlopsConfig;
  readonly workspaceRoot: string;
}): RolloutTools {
  void options;
  throw new Error('to be joined');
  return { targetOf: openTarget, now: () => new Date() } as unknown as RolloutTools;
}
