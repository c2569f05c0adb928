import {
  MlopsError,
  layout,
  sliceName,
  suggestion,
  type Column,
  type ModelConfig,
  type ModelManifest,
} from '@nx-mlops/core';
import type { LocalSplit, ProjectFolder } from '../training/project-folder';

/** Where the values of a slice come from. */
export interface SliceSource {
  /** The column, or the name of the expression. */
  readonly name: string;
  /** `automatic` slices are dropped where they have too many values; `fairness` ones are groups to compare. */
  readonly kind: 'declared' | 'expression' | 'automatic' | 'fairness';
  /** An expression over the columns; the column itself when left out. */
  readonly sql?: string;
  /** In the config, such as `evaluation.slices[0]`. */
  readonly path: string;
}

/** The columns that an evaluation reads, each with its type in the split. */
export interface EvaluationColumns {
  /** Of the config, relative to the workspace, for errors. */
  readonly configFile: string;
  /** In the order in which the model knows them. */
  readonly features: readonly Column[];
  readonly target: Column;
  readonly weight?: Column;
  readonly groupBy?: Column;
  /** Of a ranking. */
  readonly query?: Column;
  readonly slices: readonly SliceSource[];
}

/** What is looked up of a model's config. */
export type EvaluatedConfig = Pick<ModelConfig, 'evaluation' | 'query'>;

/**
 * Looks up features, target, weights, groups and slices of a model in the split that it is measured on.
 *
 * @param root folder of the project, relative to the workspace
 * @throws MlopsError MLOPS_UNKNOWN_COLUMN that names the nearest column; MLOPS_COLUMN_TYPE when a feature is of another
 *   type than the model was trained with, or a target or weight is no number where one is needed
 */
export function evaluationColumns(
  { root }: Pick<ProjectFolder, 'root'>,
  { evaluation, query }: EvaluatedConfig,
  model: Pick<ModelManifest, 'features' | 'target' | 'task'>,
  { manifest }: Pick<LocalSplit, 'manifest'>,
): EvaluationColumns {
  const file = `${root}/${layout.modelConfig}`;
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
  const number = (name: string, path: string, what: string): Column => {
    const column = find(name, path);
    if (isNumeric(column.type) || column.type === 'boolean') return column;
    throw new MlopsError(
      'MLOPS_COLUMN_TYPE',
      `"${name}" is of type ${column.type} in ${where}; ${what} is a number. Make it one in the prepare SQL.`,
      { file, path },
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
  const isQuantity = model.task === 'regression' || model.task === 'ranking';
  const { weight, groupBy } = evaluation;
  return {
    configFile: file,
    features,
    target: isQuantity
      ? number(model.target, 'target', `the target of a ${model.task}`)
      : find(model.target, 'target'),
    ...(weight === undefined ? {} : { weight: number(weight, 'evaluation.weight', 'a weight') }),
    ...(groupBy === undefined ? {} : { groupBy: find(groupBy, 'evaluation.groupBy') }),
    ...(query === undefined ? {} : { query: find(query, 'query') }),
    slices: sliceSources(evaluation, features, find),
  };
}

/** The same without slices, for rows that are only predicted. */
export function withoutSlices(columns: EvaluationColumns): EvaluationColumns {
  return { ...columns, slices: [] };
}

function sliceSources(
  { slices, autoSlices, fairness }: ModelConfig['evaluation'],
  features: readonly Column[],
  find: (name: string, path: string) => Column,
): SliceSource[] {
  const declared = slices.map((slice, index): SliceSource => {
    const path = `evaluation.slices[${index}]`;
    if (typeof slice === 'string') return { name: find(slice, path).name, kind: 'declared', path };
    return { name: sliceName(slice), kind: 'expression', sql: slice.sql, path: `${path}.sql` };
  });
  const names = new Set(declared.map(({ name }) => name));
  const automatic = autoSlices
    ? features
        .filter(({ name }) => !names.has(name))
        .map(({ name }): SliceSource => ({ name, kind: 'automatic', path: 'evaluation.autoSlices' }))
    : [];
  const groups = fairness.map((name, index): SliceSource => {
    const path = `evaluation.fairness[${index}]`;
    return { name: find(name, path).name, kind: 'fairness', path };
  });
  return [...declared, ...automatic, ...groups];
}

/** Both are read as 64-bit numbers. */
function isNumeric(type: Column['type']): boolean {
  return type === 'integer' || type === 'number';
}
