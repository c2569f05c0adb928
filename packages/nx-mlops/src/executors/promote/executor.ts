import type { ExecutorContext } from '@nx/devkit';
import { promoteModel } from '../../rollout/promote';
import { finishRollout } from '../../rollout/finish';
import { environmentOf, trafficRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { PromoteExecutorOptions } from './schema';

/** Brings the version that one environment serves into another one. */
export default async function promoteExecutor(
  { to, json, watch, interval, ...options }: PromoteExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await trafficRequest(context, quietFor(stage, json));
    const started = await promoteModel({ ...request, ...options, to: environmentOf(to, context) });
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
