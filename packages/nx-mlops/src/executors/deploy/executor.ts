import type { ExecutorContext } from '@nx/devkit';
import { deployModel } from '../../rollout/deploy';
import { finishRollout } from '../../rollout/finish';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { DeployExecutorOptions } from './schema';

/** Registers the model as a version and brings it into an environment. */
export default async function deployExecutor(
  { environment, json, watch, interval, ...options }: DeployExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const started = await deployModel({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    const { result, isGood } = await finishRollout(started, {
      ...request,
      watch,
      interval,
      signal: stage.signal,
    });
    printJson(stage, json, result);
    return isGood;
  });
}
