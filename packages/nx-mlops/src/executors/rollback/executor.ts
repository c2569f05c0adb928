import type { ExecutorContext } from '@nx/devkit';
import { rollbackModel } from '../../rollout/rollback';
import { environmentOf, rolloutRequest } from '../rollout-command';
import { runStage } from '../run-stage';
import type { RollbackExecutorOptions } from './schema';

/** Returns an environment to the last sound version that it served. */
export default async function rollbackExecutor(
  { environment, ...options }: RollbackExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, stage);
    await rollbackModel({ ...request, ...options, environment: environmentOf(environment, context) });
  });
}
