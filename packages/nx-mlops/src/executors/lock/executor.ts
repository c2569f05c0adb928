import type { ExecutorContext } from '@nx/devkit';
import { lockDataset } from '../../data/lock-dataset';
import { projectOf, readDatasetConfig } from '../project';
import { runStage } from '../run-stage';
import type { LockExecutorOptions } from './schema';

/** Pins the bytes of a dataset's sources in `dataset.lock.json`. */
export default async function lockExecutor(
  _options: LockExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    await lockDataset(project, await readDatasetConfig(project), environment);
  });
}
