import type { ClassLabel, ColumnType, InputLayout, Task, TensorSignature } from '@nx-mlops/core';
import { MlopsError, suggestion } from '@nx-mlops/core/light';
import { findScoreOutput } from './find-score-output';
import { accepts, describeTensor } from './tensor-fit';

export interface SignatureQuestion {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  /** In the order of the config. */
  readonly features: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly task: Task;
  /** Classification: the labels, in the order of the scores. */
  readonly classes?: readonly ClassLabel[];
}

export interface SignatureMatch {
  readonly inputLayout: InputLayout;
  /** Absent for a custom task. */
  readonly scoreOutput?: string;
}

/**
 * How a model takes the declared features, and which of its outputs holds the scores.
 *
 * Either one input a feature, by name, `[rows]` or `[rows, 1]`, or one numeric input `[rows, features]`. A custom task
 * is not judged. Both skl2onnx's form (`[None, 1]` columns; `label`, `probabilities`) and our exporter's fit.
 *
 * @throws MlopsError MLOPS_MODEL_SIGNATURE, naming every input or output that is missing, too many, or of another type
 */
export function matchSignature(question: SignatureQuestion): SignatureMatch {
  const { inputs, features, task } = question;
  if (task === 'custom') return { inputLayout: 'custom' };
  const names = new Set(features.map(({ name }) => name));
  const matrix = inputs.length === 1 && !names.has(inputs[0]?.name ?? '') ? inputs[0] : undefined;
  const problems = matrix === undefined ? columnProblems(question) : matrixProblems(matrix, question);
  const scores = findScoreOutput(question);
  if (scores.problem !== undefined) problems.push(scores.problem);
  if (problems.length > 0) {
    throw new MlopsError(
      'MLOPS_MODEL_SIGNATURE',
      `The trained model does not fit its config: ${problems.join('; ')}. ` +
        'A model takes either one input a feature, by name, each [rows] or [rows, 1], or one numeric input [rows, features]; ' +
        'anything else is "task": "custom".',
    );
  }
  return { inputLayout: matrix === undefined ? 'columns' : 'matrix', scoreOutput: scores.name };
}

function columnProblems({ inputs, features }: SignatureQuestion): string[] {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  const featureNames = features.map(({ name }) => name);
  const missing = features
    .filter(({ name }) => !byName.has(name))
    .map(
      ({ name }) => `no input is called "${name}" as the feature is.${suggestion(name, [...byName.keys()])}`,
    );
  const extra = inputs
    .filter(({ name }) => !featureNames.includes(name))
    .map(({ name }) => `input "${name}" is no feature.${suggestion(name, featureNames)}`);
  const unfit = features.flatMap(({ name, type }) => {
    const input = byName.get(name);
    if (input === undefined) return [];
    if (!accepts(input.type, type)) {
      return [`input "${name}" is ${describeTensor(input)}, which cannot hold a feature of type ${type}`];
    }
    return isColumn(input.shape)
      ? []
      : [`input "${name}" is ${describeTensor(input)}, not [rows] or [rows, 1]`];
  });
  return [...missing, ...extra, ...unfit].map(withoutFinalDot);
}

function matrixProblems(input: TensorSignature, { features }: SignatureQuestion): string[] {
  const width = input.shape[1];
  if (input.shape.length !== 2 || !isOpen(input.shape[0])) {
    return [`input "${input.name}" is ${describeTensor(input)}, not [rows, ${features.length}]`];
  }
  const problems = features
    .filter(({ type }) => !accepts(input.type, type))
    .map(
      ({ name, type }) =>
        `feature "${name}" of type ${type} does not go into the one input "${input.name}", ${describeTensor(input)}`,
    );
  if (width !== -1 && width !== features.length) {
    problems.unshift(
      `input "${input.name}" takes ${width} columns, but there are ${features.length} features (${features.map(({ name }) => name).join(', ')})`,
    );
  }
  return problems;
}

function isColumn(shape: readonly number[]): boolean {
  const [rows, width, ...rest] = shape;
  return isOpen(rows) && rest.length === 0 && (width === undefined || width === 1 || width === -1);
}

/** Rows must be open: a model exported with a fixed batch of 1 could not be evaluated in batches. */
function isOpen(size: number | undefined): boolean {
  return size === -1;
}

function withoutFinalDot(text: string): string {
  return text.replace(/\.$/, '');
}
