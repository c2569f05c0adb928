import { MlopsError, type ClassLabel, type RunContext, type RunSplit } from '@nx-mlops/core';
import { valueExpression } from '../data/read-columns';
import type { TargetScaling } from './encoding';

type Target = RunContext['target'];

/** A SQL condition that holds where the target is known: rows without one are neither learned from nor counted. */
export function targetCondition(task: RunContext['task'], target: Target): string {
  const value = valueExpression(target.name, target.type);
  return task === 'regression' || task === 'ranking' ? `isfinite(${value})` : `${value} IS NOT NULL`;
}

/**
 * Turns a raw target into the number that a model learns: classification, the place of the label among the classes;
 * regression, the scaled value; ranking and custom, the number as it is.
 *
 * @throws MlopsError MLOPS_TRAINING_TARGET when the target cannot be learned so; the returned function,
 *   MLOPS_TRAINING_UNKNOWN_LABEL for a label that the training split does not have
 */
export function targetEncoder(
  { task, target, classes }: Pick<RunContext, 'task' | 'target' | 'classes'>,
  scaling: TargetScaling,
  split: RunSplit,
): (value: string | number) => number {
  switch (task) {
    case 'binary-classification':
    case 'multiclass-classification':
      return labelEncoder(target, classes ?? [], task === 'binary-classification', split);
    case 'regression':
    case 'ranking':
    case 'custom':
      if (target.type === 'string') {
        throw new MlopsError(
          'MLOPS_TRAINING_TARGET',
          `The target "${target.name}" holds strings, which a ${task} task cannot encode. Read it with readColumns, or make the task a classification.`,
        );
      }
      return (value) => ((value as number) - scaling.offset) * scaling.scale;
  }
}

function labelEncoder(
  target: Target,
  classes: readonly ClassLabel[],
  binary: boolean,
  split: RunSplit,
): (value: string | number) => number {
  if (classes.length < 2 || (binary && classes.length !== 2)) {
    throw new MlopsError(
      'MLOPS_TRAINING_TARGET',
      `The target "${target.name}" has ${classes.length} ${classes.length === 1 ? 'class' : 'classes'} in the training split; ${binary ? 'a binary classification needs 2' : 'a classification needs at least 2'}.`,
    );
  }
  const places = new Map(
    classes.map((label, place) => [typeof label === 'boolean' ? Number(label) : label, place]),
  );
  return (value) => {
    const place = places.get(value);
    if (place !== undefined) return place;
    throw new MlopsError(
      'MLOPS_TRAINING_UNKNOWN_LABEL',
      `The split "${split.dataset}:${split.split}" has the label "${value}" in "${target.name}", which the training split does not have (${classes.slice(0, 10).join(', ')}). Remove such rows in the "prepare" query, or bring the label into the training split.`,
    );
  };
}
