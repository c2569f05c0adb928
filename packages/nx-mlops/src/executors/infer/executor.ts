import type { ExecutorContext } from '@nx/devkit';
import { inferExpectations } from '../../data/validate/infer-expectations';
import { preparing } from '../model-split';
import { projectOf, readDatasetConfig } from '../project';
import { runStage } from '../run-stage';
import type { InferExecutorOptions } from './schema';

/** Proposes fields and expectations from the prepared data, in the dataset's config. */
export default async function inferExecutor(
  options: InferExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readDatasetConfig(project);
    await inferExpectations(project, config, preparing(context, environment), options);
  });
}
