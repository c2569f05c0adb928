import type { ExecutorContext } from '@nx/devkit';
import { inspectLock } from '../../data/lock/inspect-lock';
import { lockDataset } from '../../data/lock/lock-dataset';
import { projectOf, readDatasetConfig } from '../project';
import { runStage } from '../run-stage';
import type { LockExecutorOptions } from './schema';

/** Pins the bytes of a dataset's sources in `dataset.lock.json`, or says whether they are as it says. */
export default async function lockExecutor(
  { check = false }: LockExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readDatasetConfig(project);
    await (check ? inspectLock : lockDataset)(project, config, environment);
  });
}
