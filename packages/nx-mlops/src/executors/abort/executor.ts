import type { ExecutorContext } from '@nx/devkit';
import { abortRollout } from '../../rollout/abort';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { AbortExecutorOptions } from './schema';

/** Ends a rollout at once. */
export default async function abortExecutor(
  { environment, json, ...options }: AbortExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const result = await abortRollout({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    printJson(stage, json, result);
  });
}
