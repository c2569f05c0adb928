import type { MlopsConfig, Registry } from '@nx-mlops/core';
import { analyseRollout } from './analyse-rollout';
import type { RolloutTools } from './rollout-request';
import { openTarget } from './targets/open-target';
import { openTrafficFeed } from './traffic/open-traffic-feed';
import { verifyVersion } from './verify/verify-version';

/** The tools of a workspace: what verifies a version, judges its traffic and serves it. */
export function openTools({
  registry,
  mlops,
  workspaceRoot,
}: {
  readonly registry: Registry;
  readonly mlops: MlopsConfig;
  readonly workspaceRoot: string;
}): RolloutTools {
  return {
    verify: async (version, environment) => ({
      evidence: await verifyVersion({
        registry,
        version,
        environment,
        signing: mlops.signing,
        workspaceRoot,
      }),
    }),
    analyse: (model, rollout, environment, now) => {
      const { traffic } = environment;
      const feed = traffic === undefined ? undefined : openTrafficFeed(traffic, workspaceRoot);
      return analyseRollout(model, rollout, environment, feed, now);
    },
    targetOf: openTarget,
    now: () => new Date(),
  };
}
