import type { ExecutorContext } from '@nx/devkit';
import { prepareDataset } from '../../data/prepare/prepare-dataset';
import { autoPush } from '../../data/remote/auto-push';
import { preparing } from '../model-split';
import { projectOf, readDatasetConfig } from '../project';
import { runStage } from '../run-stage';
import type { PrepareExecutorOptions } from './schema';

/** Makes the splits of a dataset from its sources. */
export default async function prepareExecutor(
  options: PrepareExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    await prepareDataset(project, await readDatasetConfig(project), preparing(context, environment), options);
    await autoPush(project, environment);
  });
}
