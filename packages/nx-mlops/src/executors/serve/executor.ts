import type { ExecutorContext } from '@nx/devkit';
import { serveModels } from '../../rollout/serve';
import { readMlopsConfig } from '../../rollout/read-mlops-config';
import { projectOf } from '../project';
import { environmentOf } from '../rollout-command';
import { runStage } from '../run-stage';
import type { ServeExecutorOptions } from './schema';

/** Serves what an environment deployed, until it is stopped. */
export default async function serveExecutor(
  { environment, ...options }: ServeExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (stage) => {
    await serveModels({
      project: projectOf(context),
      mlops: await readMlopsConfig(context.root),
      ...options,
      environment: environmentOf(environment, context),
      env: process.env,
      ...stage,
    });
  });
}
