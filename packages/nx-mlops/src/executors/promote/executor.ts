import type { ExecutorContext } from '@nx/devkit';
import { promoteModel } from '../../rollout/promote';
import { environmentOf, rolloutRequest } from '../rollout-command';
import { runStage } from '../run-stage';
import type { PromoteExecutorOptions } from './schema';

/** Makes an environment serve the version that another one serves. */
export default async function promoteExecutor(
  { to, ...options }: PromoteExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, stage);
    await promoteModel({ ...request, ...options, to: environmentOf(to, context) });
  });
}
