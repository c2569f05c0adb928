import type { ExecutorContext } from '@nx/devkit';
import { validateDataset } from '../../data/validate/validate-dataset';
import { preparing } from '../model-split';
import { projectOf, readDatasetConfig } from '../project';
import { runStage } from '../run-stage';
import type { ValidateExecutorOptions } from './schema';

/** Checks the splits of a dataset against its schema; fails the task when a check fails. */
export default async function validateExecutor(
  options: ValidateExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const validation = await validateDataset(
      project,
      await readDatasetConfig(project),
      preparing(context, environment),
      options,
    );
    return validation.passed;
  });
}
