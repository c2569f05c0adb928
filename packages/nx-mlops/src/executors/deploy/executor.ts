import type { ExecutorContext } from '@nx/devkit';
import { deployModel } from '../../rollout/deploy';
import { environmentOf, rolloutRequest } from '../rollout-command';
import { runStage } from '../run-stage';
import type { DeployExecutorOptions } from './schema';

/** Registers the model as a version and makes an environment serve it. */
export default async function deployExecutor(
  { environment, ...options }: DeployExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, stage);
    await deployModel({ ...request, ...options, environment: environmentOf(environment, context) });
  });
}
