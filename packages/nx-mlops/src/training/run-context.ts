import {
  MlopsError,
  layout,
  suggestion,
  type ClassLabel,
  type Column,
  type ModelConfig,
  type RunContext,
} from '@nx-mlops/core';
import type { LocalSplit, ProjectFolder } from './project-folder';

/** Threads of a training. One keeps a rerun byte-identical in most frameworks. */
export const trainingThreads = 1;

/** Splits that a training reads, by role. `test` is not among them, on purpose. */
export type TrainingSplits = Readonly<{ train: LocalSplit; validation?: LocalSplit }>;

/**
 * Types of the features and the target, as the splits have them.
 *
 * @param splits by role, such as `train`; all must have the columns, with the types of the first
 * @throws MlopsError MLOPS_UNKNOWN_COLUMN that names the nearest column; MLOPS_COLUMN_TYPE when two splits differ, or
 *   when a regression's target is no number
 */
export function modelColumns(
  project: Pick<ProjectFolder, 'root'>,
  config: Pick<ModelConfig, 'features' | 'target' | 'task'>,
  splits: Readonly<Record<string, LocalSplit | undefined>>,
): { features: Column[]; target: Column } {
  const file = `${project.root}/${layout.modelConfig}`;
  const find = (name: string, path: string): Column => {
    let found: { column: Column; where: string } | undefined;
    for (const { manifest } of Object.values(splits).filter((split) => split !== undefined)) {
      const where = `${manifest.dataset}:${manifest.split}`;
      const column = manifest.columns.find((candidate) => candidate.name === name);
      if (column === undefined) {
        const names = manifest.columns.map((candidate) => candidate.name);
        throw new MlopsError(
          'MLOPS_UNKNOWN_COLUMN',
          `${where} has no column "${name}".${suggestion(name, names)}`,
          { file, path },
        );
      }
      if (found !== undefined && found.column.type !== column.type) {
        throw new MlopsError(
          'MLOPS_COLUMN_TYPE',
          `"${name}" is of type ${found.column.type} in ${found.where} and of type ${column.type} in ${where}. Make the prepare SQL of both give one type.`,
          { file, path },
        );
      }
      found ??= { column, where };
    }
    if (found === undefined) throw new Error('modelColumns needs a split');
    return found.column;
  };
  const features = config.features.map((name, index) => find(name, `features[${index}]`));
  const target = find(config.target, 'target');
  const isQuantity = config.task === 'regression' || config.task === 'ranking';
  if (isQuantity && target.type !== 'number' && target.type !== 'integer') {
    throw new MlopsError(
      'MLOPS_COLUMN_TYPE',
      `A ${config.task} needs a target that is a number; "${target.name}" is of type ${target.type}.`,
      { file, path: 'target' },
    );
  }
  return { features, target };
}

/** The run context of a training, all paths absolute. */
export function buildRunContext(run: {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly splits: TrainingSplits;
  readonly columns: { readonly features: Column[]; readonly target: Column };
  readonly classes?: ClassLabel[];
  readonly outputDir: string;
  readonly checkpointDir: string;
}): RunContext {
  const { project, config, splits, columns } = run;
  const datasets: RunContext['datasets'] = {};
  for (const [role, split] of Object.entries(splits)) {
    if (split === undefined) continue;
    const { dataset, split: name, rows, columns: all } = split.manifest;
    datasets[role] = { dataset, split: name, path: split.path, rows, columns: all };
  }
  return {
    version: 1,
    model: project.name,
    task: config.task,
    features: columns.features,
    target: columns.target,
    ...(run.classes === undefined ? {} : { classes: run.classes }),
    params: config.training.params,
    seed: config.training.seed,
    threads: trainingThreads,
    datasets,
    outputDir: run.outputDir,
    checkpointDir: run.checkpointDir,
  };
}
