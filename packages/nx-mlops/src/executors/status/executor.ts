import type { ExecutorContext } from '@nx/devkit';
import { fileNameOfProject } from '@nx-mlops/core';
import { showStatus } from '../../rollout/status';
import { rolloutRequest } from '../rollout-command';
import { printJson, quietFor, runStage } from '../run-stage';
import type { StatusExecutorOptions } from './schema';

/** Shows what each environment serves of the model. */
export default async function statusExecutor(
  { json }: StatusExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    const request = await rolloutRequest(context, quietFor(stage, json));
    const result = await showStatus({ ...request, models: [fileNameOfProject(request.project.name)] });
    printJson(stage, json, result);
    return result.broken.length === 0;
  });
}
