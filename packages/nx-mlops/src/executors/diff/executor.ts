import type { ExecutorContext } from '@nx/devkit';
import { diffVersions } from '../../rollout/diff';
import { environmentOf, rolloutRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { DiffExecutorOptions } from './schema';

/** Shows what would change if an environment served another version. */
export default async function diffExecutor(
  { environment, json, ...options }: DiffExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, quietFor(stage, json));
    const result = await diffVersions({
      ...request,
      ...options,
      environment: environmentOf(environment, context),
    });
    printJson(stage, json, result);
  });
}
