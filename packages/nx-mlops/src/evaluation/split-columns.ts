import {
  MlopsError,
  layout,
  suggestion,
  type Column,
  type ModelConfig,
  type ModelManifest,
} from '@nx-mlops/core';
import type { LocalSplit, ProjectFolder } from '../training/project-folder';

/** The columns that an evaluation reads: each once, with its type in the split. */
export interface EvaluationColumns {
  readonly all: readonly Column[];
  readonly target: Column;
  readonly slices: readonly Column[];
}

/**
 * Looks up features, target and slices of a model in the split that it is measured on.
 *
 * @throws MlopsError MLOPS_UNKNOWN_COLUMN that names the nearest column; MLOPS_COLUMN_TYPE when a feature is of another
 *   type than the model was trained with
 */
export function evaluationColumns(
  project: Pick<ProjectFolder, 'root'>,
  config: Pick<ModelConfig, 'evaluation'>,
  model: Pick<ModelManifest, 'features' | 'target'>,
  { manifest }: LocalSplit,
): EvaluationColumns {
  const file = `${project.root}/${layout.modelConfig}`;
  const where = `${manifest.dataset}:${manifest.split}`;
  const find = (name: string, path: string): Column => {
    const column = manifest.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    const names = manifest.columns.map((candidate) => candidate.name);
    throw new MlopsError(
      'MLOPS_UNKNOWN_COLUMN',
      `${where} has no column "${name}".${suggestion(name, names)}`,
      {
        file,
        path,
      },
    );
  };
  const features = model.features.map(({ name, type }, index) => {
    const column = find(name, `features[${index}]`);
    if (column.type === type || (isNumeric(column.type) && isNumeric(type))) return column;
    throw new MlopsError(
      'MLOPS_COLUMN_TYPE',
      `"${name}" is of type ${column.type} in ${where}; the model was trained with type ${type}. Make the prepare SQL of both splits give one type.`,
      { file, path: `features[${index}]` },
    );
  });
  const target = find(model.target, 'target');
  const slices = config.evaluation.slices.map((name, index) => find(name, `evaluation.slices[${index}]`));
  const all = new Map([...features, target, ...slices].map((column) => [column.name, column]));
  return { all: [...all.values()], target, slices };
}

/** Both are read as 64-bit numbers. */
function isNumeric(type: Column['type']): boolean {
  return type === 'integer' || type === 'number';
}
