import type { ExecutorContext } from '@nx/devkit';
import { watchRollout } from '../../rollout/watch';
import { hasFailed } from '../../rollout/finish';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { WatchExecutorOptions } from './schema';

/** Takes a rollout further until it is done. */
export default async function watchExecutor(
  { environment, json, interval = 10 }: WatchExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const rollout = await watchRollout({
      ...request,
      environment: environmentOf(environment, context),
      interval,
      signal: stage.signal,
    });
    printJson(stage, json, rollout);
    return !hasFailed(rollout);
  });
}
