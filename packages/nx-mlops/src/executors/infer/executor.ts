import type { ExecutorContext } from '@nx/devkit';
import { inferExpectations } from '../../data/infer-expectations';
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
    await inferExpectations(project, await readDatasetConfig(project), environment, options);
  });
}
