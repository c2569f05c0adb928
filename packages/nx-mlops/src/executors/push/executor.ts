import type { ExecutorContext } from '@nx/devkit';
import { openRequiredRemote } from '../../data/remote/open-remote';
import { pushDataset } from '../../data/remote/push-dataset';
import { projectOf } from '../project';
import { runStage } from '../run-stage';
import type { PushExecutorOptions } from './schema';

/** Sends a dataset's locked source files and prepared splits to the remote. */
export default async function pushExecutor(
  _options: PushExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    await pushDataset(projectOf(context), await openRequiredRemote(context.root), environment);
  });
}
