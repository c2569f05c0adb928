import type { ExecutorContext } from '@nx/devkit';
import { showHistory } from '../../rollout/history';
import { environmentOf, rolloutRequest } from '../rollout-command';
import { runStage } from '../run-stage';
import type { HistoryExecutorOptions } from './schema';

/** Shows what happened to a model in the registry. */
export default async function historyExecutor(
  { environment, ...options }: HistoryExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, stage);
    await showHistory({ ...request, ...options, environment: environmentOf(environment, context) });
  });
}
