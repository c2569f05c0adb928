import type { ModelManifest } from '@nx-mlops/core';
import { compareAnswers, type VersionAnswer } from './compare-answers';

function answerOf(
  scores: readonly number[],
  given: Partial<ModelManifest> & { width?: number; threshold?: number } = {},
): VersionAnswer {
  const { width = 1, threshold = 0.5, ...facts } = given;
  const rows = scores.length / width;
  const manifest: ModelManifest = {
    version: 1,
    model: 'm',
    task: 'binary-classification',
    file: { sha256: '0'.repeat(64), size: 0 },
    features: [{ name: 'x', type: 'number' }],
    target: 'y',
    classes: ['no', 'yes'],
    inputLayout: 'columns',
    inputs: [{ name: 'x', type: 'float32', shape: [-1] }],
    outputs: [{ name: 'scores', type: 'float64', shape: [-1, width] }],
    scoreOutput: 'scores',
    datasets: {},
    ...facts,
  };
  const scoreTensor = { type: 'float64', dims: [rows, width], data: Float64Array.from(scores) } as const;
  return { manifest, threshold, rows, tensors: { scores: scoreTensor } };
}

const multiclass = { task: 'multiclass-classification', width: 3 } as const;
const regression = { task: 'regression', classes: undefined } as const;

describe('compareAnswers', () => {
  it.each<[string, VersionAnswer, VersionAnswer, ReturnType<typeof compareAnswers>]>([
    [
      'the labels of binary scores, each by its own threshold',
      answerOf([0.25, 0.75, 0.75]),
      answerOf([0.25, 0.25, 0.5], { threshold: 0.5 }),
      { rows: 3, agreeing: 2, scoreDifferences: [0, 0.5, 0.25] },
    ],
    [
      'another threshold, which decides otherwise on equal scores',
      answerOf([0.5]),
      answerOf([0.5], { threshold: 0.75 }),
      { rows: 1, agreeing: 0, scoreDifferences: [0] },
    ],
    [
      'several classes by the highest score, the largest difference a row',
      answerOf([0.5, 0.25, 0.25, 0.25, 0.25, 0.5], { ...multiclass, classes: ['a', 'b', 'c'] }),
      answerOf([0.25, 0.5, 0.25, 0.25, 0, 0.75], { ...multiclass, classes: ['a', 'b', 'c'] }),
      { rows: 2, agreeing: 1, scoreDifferences: [0.25, 0.25] },
    ],
    [
      'labels alone when the classes stand in another order',
      answerOf([0.5, 0.25, 0.25], { ...multiclass, classes: ['a', 'b', 'c'] }),
      answerOf([0.25, 0.25, 0.5], { ...multiclass, classes: ['c', 'b', 'a'] }),
      { rows: 1, agreeing: 1, scoreDifferences: [] },
    ],
    [
      'numbers without labels',
      answerOf([1, 20], regression),
      answerOf([3, 20], regression),
      { rows: 2, scoreDifferences: [2, 0] },
    ],
    [
      'NaN, the same as NaN and unlike anything else',
      answerOf([NaN, NaN], regression),
      answerOf([NaN, 1], regression),
      { rows: 2, scoreDifferences: [0, NaN] },
    ],
    ['no rows', answerOf([], regression), answerOf([], regression), { rows: 0, scoreDifferences: [] }],
    ['nothing for another number of rows', answerOf([1]), answerOf([1, 2]), undefined],
    ['nothing for another task', answerOf([1]), answerOf([1], regression), undefined],
    [
      'nothing for a custom task',
      answerOf([1], { task: 'custom' }),
      answerOf([1], { task: 'custom' }),
      undefined,
    ],
    ['nothing without the scores', { ...answerOf([1]), tensors: {} }, answerOf([1]), undefined],
  ])('compares %s', (_what, live, shadow, expected) => {
    expect(compareAnswers(live, shadow)).toEqual(expected);
  });
});
