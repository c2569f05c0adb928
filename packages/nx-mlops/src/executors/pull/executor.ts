import type { ExecutorContext } from '@nx/devkit';
import { openRequiredRemote } from '../../data/remote/open-remote';
import { pullDataset } from '../../data/remote/pull-dataset';
import { projectOf } from '../project';
import { runStage } from '../run-stage';
import type { PullExecutorOptions } from './schema';

/** Brings a dataset's locked source files into place from the remote. */
export default async function pullExecutor(
  options: PullExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    await pullDataset(projectOf(context), await openRequiredRemote(context.root), environment, options);
  });
}
