import type { ExecutorContext } from '@nx/devkit';
import { evaluateModel } from '../../evaluation/evaluate';
import { openSplit } from '../model-split';
import { projectOf, readModelConfig } from '../project';
import { runStage } from '../run-stage';
import type { EvaluateExecutorOptions } from './schema';

/** Measures the trained model on its test split. */
export default async function evaluateExecutor(
  _options: EvaluateExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readModelConfig(project);
    const test = await openSplit(context, config.datasets.test, environment);
    await evaluateModel({ project, config, test, ...environment });
  });
}
