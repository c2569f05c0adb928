import type { Tensor } from '../tensor';
import { readScores } from './read-scores';

const floats = (dims: readonly number[], ...values: number[]): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
type Facts = Parameters<typeof readScores>[0];
const binary: Facts = {
  model: 'churn',
  task: 'binary-classification',
  classes: [0, 1],
  scoreOutput: 'scores',
};
const multiclass: Facts = { ...binary, task: 'multiclass-classification', classes: ['a', 'b', 'c'] };
const regression: Facts = { ...binary, task: 'regression', classes: undefined };

describe('readScores', () => {
  it.each<[string, Facts, Tensor, readonly number[]]>([
    ['binary [rows]', binary, floats([2], 0.25, 0.75), [0.25, 0.75]],
    ['binary [rows, 1]', binary, floats([2, 1], 0.25, 0.75), [0.25, 0.75]],
    ['binary [rows, 2] by its second column', binary, floats([2, 2], 0.75, 0.25, 0.5, 0.5), [0.25, 0.5]],
    ['multiclass as it is', multiclass, floats([2, 3], 1, 2, 3, 4, 5, 6), [1, 2, 3, 4, 5, 6]],
    ['regression [rows, 1]', regression, floats([2, 1], 7, 8), [7, 8]],
  ])('reads %s', (_what, manifest, output, expected) => {
    expect(Array.from(readScores(manifest, output, 2))).toEqual(expected);
  });

  it.each<[string, Facts, Tensor | undefined]>([
    ['another number of rows', binary, floats([3], 1, 2, 3)],
    ['another number of classes', multiclass, floats([2, 2], 1, 2, 3, 4)],
    ['a matrix for a regression', regression, floats([2, 2], 1, 2, 3, 4)],
    ['three dimensions', regression, floats([2, 1, 1], 1, 2)],
    ['integers', binary, { type: 'int64', dims: [2], data: BigInt64Array.of(0n, 1n) }],
    ['nothing', binary, undefined],
  ])('refuses %s', (_what, manifest, output) => {
    expect(() => readScores(manifest, output, 2)).toThrow(
      expect.objectContaining({ code: 'MLOPS_MODEL_OUTPUT', message: expect.stringContaining('churn') }),
    );
  });
});
