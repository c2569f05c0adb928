import type { ExecutorContext } from '@nx/devkit';
import { rollbackModel } from '../../rollout/rollback';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { RollbackExecutorOptions } from './schema';

/** Returns an environment to the last sound version that it served. */
export default async function rollbackExecutor(
  { environment, json, ...options }: RollbackExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const result = await rollbackModel({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    printJson(stage, json, result);
  });
}
