import type { ExecutorContext } from '@nx/devkit';
import { approveRollout } from '../../rollout/approve';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { ApproveExecutorOptions } from './schema';

/** Approves the step of a rollout under way. */
export default async function approveExecutor(
  { environment, json, ...options }: ApproveExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const result = await approveRollout({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    printJson(stage, json, result);
  });
}
