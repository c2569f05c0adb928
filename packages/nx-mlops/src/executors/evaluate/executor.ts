import type { ExecutorContext } from '@nx/devkit';
import { readsValidation } from '@nx-mlops/core';
import { evaluateModel } from '../../evaluation/evaluate';
import { openSplit } from '../model-split';
import { projectOf, readModelConfig } from '../project';
import { runStage } from '../run-stage';
import type { EvaluateExecutorOptions } from './schema';

/** Measures the trained model on its test split, with a threshold chosen on the validation split where there is a rule. */
export default async function evaluateExecutor(
  _options: EvaluateExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readModelConfig(project);
    const test = await openSplit(context, config.datasets.test, environment);
    const { validation } = config.datasets;
    const splits =
      readsValidation(config.evaluation) && validation !== undefined
        ? { validation: await openSplit(context, validation, environment) }
        : {};
    await evaluateModel({ project, config, test, ...splits, env: process.env, ...environment });
  });
}
