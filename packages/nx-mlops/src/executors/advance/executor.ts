import type { ExecutorContext } from '@nx/devkit';
import { advanceRollout } from '../../rollout/advance';
import { hasFailed } from '../../rollout/finish';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { AdvanceExecutorOptions } from './schema';

/** Takes one decision on a rollout. */
export default async function advanceExecutor(
  { environment, json, ...options }: AdvanceExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const result = await advanceRollout({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    printJson(stage, json, result);
    return !hasFailed(result.rollout);
  });
}
