import type { ExecutorContext } from '@nx/devkit';
import { trainModel } from '../../training/train';
import { openSplit } from '../model-split';
import { projectOf, readModelConfig } from '../project';
import { runStage } from '../run-stage';
import type { TrainExecutorOptions } from './schema';

/** Trains a model. */
export default async function trainExecutor(
  _options: TrainExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readModelConfig(project);
    const { train, validation } = config.datasets;
    const splits = {
      train: await openSplit(context, train, environment),
      ...(validation === undefined ? {} : { validation: await openSplit(context, validation, environment) }),
    };
    await trainModel({ project, config, splits, env: process.env, ...environment });
  });
}
