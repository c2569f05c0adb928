import type { DatasetConfig } from '@nx-mlops/core';
import type { Asker } from '../../lib/asker';
import { proposeLearningProblem, type LearningOptions, type TemplateTask } from './propose-columns';

const tasks: readonly TemplateTask[] = ['binary-classification', 'multiclass-classification', 'regression'];

/**
 * Asks for what the options leave open: target, task and features, each with what is proposed for the answers so far as
 * its default. Nothing is asked of a dataset without a schema.
 *
 * @throws MlopsError as `proposeLearningProblem`
 */
export async function askLearningProblem<Options extends LearningOptions>(
  config: DatasetConfig,
  options: Options,
  configFile: string,
  asker: Asker,
): Promise<Options> {
  const columns = config.schema?.fields.map(({ name }) => name);
  if (columns === undefined) return options;
  const propose = (known: LearningOptions) => proposeLearningProblem(config, known, configFile);

  const target =
    options.target ??
    (await asker.select('Which column should it predict?', columns, propose(options).target.value));
  const withTarget = { ...options, target };
  const task =
    options.task ??
    ((await asker.select(
      'What kind of value is that?',
      tasks,
      propose(withTarget).task.value,
    )) as TemplateTask);
  const withTask = { ...withTarget, task };
  const others = columns.filter((name) => name !== target);
  const features =
    options.features ??
    (await asker.selectSome('Which columns should it learn from?', others, propose(withTask).features));
  return { ...withTask, features: [...features] };
}
