import type { ModelManifest } from '@nx-mlops/core';
import { MlopsError } from '@nx-mlops/core/light';
import type { Tensor } from '../tensor';

/**
 * The scores of a batch from the model's score output: binary `[rows]`, `[rows, 1]` or `[rows, 2]` become P(positive)
 * `[rows]`; multiclass stays row-major `[rows × classes]`; regression `[rows]` or `[rows, 1]` becomes `[rows]`.
 *
 * @throws MlopsError MLOPS_MODEL_OUTPUT when the output has another type or shape
 */
export function readScores(
  { model, task, classes, scoreOutput }: Pick<ModelManifest, 'model' | 'task' | 'classes' | 'scoreOutput'>,
  output: Tensor | undefined,
  rows: number,
): Float32Array | Float64Array {
  const data = output?.data;
  if (output === undefined || !(data instanceof Float32Array || data instanceof Float64Array)) {
    throw wrongOutput(model, scoreOutput, `is ${output?.type ?? 'missing'}, not float32 or float64`);
  }
  const [first, width = 1, ...rest] = output.dims;
  const widths = widthsOf(task, classes?.length);
  if (first !== rows || rest.length > 0 || !widths.includes(width)) {
    throw wrongOutput(
      model,
      scoreOutput,
      `has shape [${output.dims.join(', ')}] for ${rows} rows; expected ${widths.map((count) => `[${rows}, ${count}]`).join(' or ')}`,
    );
  }
  return task === 'binary-classification' && width === 2 ? secondOfEachPair(data) : data;
}

function widthsOf(task: ModelManifest['task'], classCount: number | undefined): (number | undefined)[] {
  switch (task) {
    case 'binary-classification':
      return [1, 2];
    case 'multiclass-classification':
    case 'custom':
      return [classCount];
    case 'regression':
    case 'ranking':
      return [1];
  }
}

function secondOfEachPair<Scores extends Float32Array | Float64Array>(
  pairs: Scores,
): Float32Array | Float64Array {
  const rows = pairs.length / 2;
  const seconds = pairs instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) seconds[row] = pairs[2 * row + 1] as number;
  return seconds;
}

function wrongOutput(model: string, output: string | undefined, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_MODEL_OUTPUT',
    `the score output "${output ?? ''}" of "${model}" ${what}. Write one score a row, or one a class, and train again.`,
  );
}
