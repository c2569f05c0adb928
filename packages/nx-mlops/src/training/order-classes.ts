import { MlopsError, layout, suggestion, type ClassLabel, type ModelConfig } from '@nx-mlops/core';
import type { ProjectFolder } from './project-folder';

/** Most classes that a classification may have: beyond, the target is an identifier or a quantity, not a class. */
export const maximumClasses = 1000;

/**
 * The labels in the order of the scores: numbers by size, false before true, text by code unit; for a binary
 * classification the positive class comes second.
 *
 * @param labels distinct target values of the training split, missing ones left out
 * @throws MlopsError MLOPS_CLASSES when their number does not fit the task, or `positiveClass` is none of them
 */
export function orderClasses(
  project: Pick<ProjectFolder, 'root'>,
  config: Pick<ModelConfig, 'task' | 'target' | 'positiveClass' | 'datasets'>,
  labels: readonly ClassLabel[],
): ClassLabel[] {
  const file = `${project.root}/${layout.modelConfig}`;
  const sorted = [...labels].sort(compareLabels);
  const fault = (what: string, path: string) => new MlopsError('MLOPS_CLASSES', what, { file, path });
  const found = `The target "${config.target}" has ${labels.length === 1 ? 'one value' : `${labels.length > maximumClasses ? 'more than ' : ''}${Math.min(labels.length, maximumClasses)} values`} in ${config.datasets.train}`;
  if (config.task === 'binary-classification') {
    if (sorted.length !== 2) {
      throw fault(
        `${found}${listed(sorted)}; a binary classification needs exactly 2. ${
          sorted.length > 2
            ? 'Use "task": "multiclass-classification", or make the target two-valued in the prepare SQL.'
            : 'Check the condition of the split: a model cannot learn from one side alone.'
        }`,
        'task',
      );
    }
    return positiveSecond(sorted, config.positiveClass, fault);
  }
  if (sorted.length < 2 || sorted.length > maximumClasses) {
    throw fault(
      `${found}; a classification needs 2 to ${maximumClasses}. ${sorted.length < 2 ? 'Check the condition of the split.' : 'Is it a "regression"?'}`,
      'target',
    );
  }
  return sorted;
}

function positiveSecond(
  sorted: ClassLabel[],
  positive: ClassLabel | undefined,
  fault: (what: string, path: string) => MlopsError,
): ClassLabel[] {
  if (positive === undefined) return sorted;
  if (!sorted.includes(positive)) {
    const alike = sorted.find((label) => String(label) === String(positive));
    throw fault(
      alike === undefined
        ? `${JSON.stringify(positive)} is no value of the target.${suggestion(String(positive), sorted.map(String))}`
        : `${JSON.stringify(positive)} is a ${typeof positive}, but the target's values are of type ${typeof alike}: write ${JSON.stringify(alike)}.`,
      'positiveClass',
    );
  }
  return [...sorted.filter((label) => label !== positive), positive];
}

function listed(labels: readonly ClassLabel[]): string {
  if (labels.length === 0) return '';
  const shown = labels.slice(0, 5).map((label) => JSON.stringify(label));
  return ` (${shown.join(', ')}${labels.length > 5 ? ', …' : ''})`;
}

function compareLabels(a: ClassLabel, b: ClassLabel): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
