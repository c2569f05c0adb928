import { messageOf, type MlopsConfig, type Registry } from '@nx-mlops/core';
import { advanceUntilWaiting } from './advance';
import { hasFailed } from './finish';
import type { TrafficRequest } from './rollout-request';

/**
 * Takes every rollout under way as far as it goes at once, of all models in all environments of mlops.json. A model
 * without one is passed over, and a rollout that cannot be judged keeps no other from its turn.
 *
 * @returns false when a rollout ended without its candidate, or could not be judged
 */
export async function advanceAll({
  mlops,
  registry,
  print,
  requestOf,
}: {
  readonly mlops: Pick<MlopsConfig, 'environments'>;
  readonly registry: Pick<Registry, 'listModels' | 'state'>;
  readonly print: (line: string) => void;
  readonly requestOf: (model: string) => TrafficRequest | Promise<TrafficRequest>;
}): Promise<boolean> {
  let found = 0;
  let isGood = true;
  for (const model of await registry.listModels()) {
    const { active } = await registry.state(model);
    for (const { name: environment } of mlops.environments) {
      if (!active.has(environment)) continue;
      found += 1;
      try {
        const { rollout } = await advanceUntilWaiting({ ...(await requestOf(model)), environment });
        if (hasFailed(rollout)) isGood = false;
      } catch (error) {
        print(`${model} in ${environment}: ${messageOf(error)}`);
        isGood = false;
      }
    }
  }
  if (found === 0) print('No rollout is under way.');
  return isGood;
}
