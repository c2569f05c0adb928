import type { ClassLabel, Task, TensorSignature } from '@nx-mlops/core';
import { describeTensor, isFloat } from './tensor-fit';

/** Names that exporters give to the scores; the first that fits wins when several outputs could be them. */
const usualNames = [
  'scores',
  'score',
  'probabilities',
  'output_probability',
  'prediction',
  'variable',
  'output',
];

/** The output that holds the scores, or why there is none. */
export function findScoreOutput({
  outputs,
  task,
  classes,
}: {
  readonly outputs: readonly TensorSignature[];
  readonly task: Task;
  readonly classes?: readonly ClassLabel[];
}):
  | { readonly name: string; readonly problem?: undefined }
  | { readonly name?: undefined; readonly problem: string } {
  const widths = scoreWidths(task, classes);
  const fitting = outputs.filter(({ type, shape }) => isFloat(type) && hasScoreShape(shape, widths));
  const usual = usualNames.find((name) => fitting.some((output) => output.name === name));
  const [only, ...others] = fitting;
  if (usual !== undefined) return { name: usual };
  if (only !== undefined && others.length === 0) return { name: only.name };
  const wanted = widths
    .map((width) => (width === 1 ? '[rows] or [rows, 1]' : `[rows, ${width}]`))
    .join(' or ');
  if (only !== undefined) {
    return {
      problem: `several outputs could be the scores (${fitting.map(({ name }) => name).join(', ')}): call the right one "scores"`,
    };
  }
  return {
    problem: `no output holds the scores, float32 or float64 ${wanted}; ${given(outputs)}`,
  };
}

function given(outputs: readonly TensorSignature[]): string {
  // A ZipMap is what skl2onnx appends by default, and it gives maps, which are no tensors.
  const hint = 'with skl2onnx, convert with options={"zipmap": False}';
  if (outputs.length === 0) return `none of its outputs is a tensor (${hint})`;
  return `it gives ${outputs.map((output) => `"${output.name}" ${describeTensor(output)}`).join(', ')} (${hint})`;
}

function scoreWidths(task: Task, classes: readonly ClassLabel[] | undefined): readonly number[] {
  switch (task) {
    case 'binary-classification':
      return [1, 2];
    case 'multiclass-classification':
      return [classes?.length ?? 0];
    case 'regression':
    case 'ranking':
      return [1];
    case 'custom':
      return [];
    default:
      return task satisfies never;
  }
}

function hasScoreShape(shape: readonly number[], widths: readonly number[]): boolean {
  const [rows, width = 1, ...rest] = shape;
  return rows === -1 && rest.length === 0 && (width === -1 || widths.includes(width));
}
