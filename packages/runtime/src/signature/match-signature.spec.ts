import type { ColumnType, TensorSignature } from '@nx-mlops/core';
import { matchSignature, type SignatureQuestion } from './match-signature';

const tensor = (name: string, type: TensorSignature['type'], ...shape: number[]): TensorSignature => ({
  name,
  type,
  shape,
});
const feature = (name: string, type: ColumnType = 'number') => ({ name, type });
const binary = { task: 'binary-classification', classes: [false, true] } as const;
const scores = tensor('scores', 'float32', -1);
const columns: SignatureQuestion = {
  ...binary,
  features: [feature('distance'), feature('origin', 'string')],
  inputs: [tensor('distance', 'float32', -1, 1), tensor('origin', 'string', -1, 1)],
  outputs: [tensor('scores', 'float32', -1, 1)],
};
const matrix: SignatureQuestion = {
  task: 'regression',
  features: [feature('a'), feature('b', 'integer'), feature('c', 'boolean')],
  inputs: [tensor('input', 'float32', -1, 3)],
  outputs: [tensor('variable', 'float32', -1, 1)],
};

describe('matchSignature accepts', () => {
  it.each<[string, SignatureQuestion, object]>([
    ['columns of shape [rows, 1]', columns, { inputLayout: 'columns', scoreOutput: 'scores' }],
    [
      'columns in another order than the features',
      { ...columns, inputs: [...columns.inputs].reverse() },
      { inputLayout: 'columns', scoreOutput: 'scores' },
    ],
    [
      'label and probabilities of skl2onnx',
      { ...columns, outputs: [tensor('label', 'int64', -1), tensor('probabilities', 'float32', -1, 2)] },
      { inputLayout: 'columns', scoreOutput: 'probabilities' },
    ],
    ['one matrix', matrix, { inputLayout: 'matrix', scoreOutput: 'variable' }],
    [
      'a matrix of open width',
      { ...matrix, inputs: [tensor('input', 'float64', -1, -1)] },
      { inputLayout: 'matrix', scoreOutput: 'variable' },
    ],
    [
      'one feature, by name, as a column',
      { ...binary, features: [feature('x')], inputs: [tensor('x', 'float32', -1)], outputs: [scores] },
      { inputLayout: 'columns', scoreOutput: 'scores' },
    ],
    [
      'one feature in an input of another name, as a matrix of one column',
      { ...binary, features: [feature('x')], inputs: [tensor('input', 'float32', -1, 1)], outputs: [scores] },
      { inputLayout: 'matrix', scoreOutput: 'scores' },
    ],
    [
      'whole numbers and booleans in integer and bool inputs',
      {
        ...binary,
        features: [feature('n', 'integer'), feature('b', 'boolean'), feature('d', 'date')],
        inputs: [tensor('n', 'int64', -1), tensor('b', 'bool', -1), tensor('d', 'string', -1)],
        outputs: [tensor('whatever', 'float64', -1, 2)],
      },
      { inputLayout: 'columns', scoreOutput: 'whatever' },
    ],
    [
      'as many scores as classes',
      {
        ...columns,
        task: 'multiclass-classification',
        classes: ['a', 'b', 'c'],
        outputs: [tensor('logits', 'float32', -1, 7), tensor('p', 'float32', -1, 3)],
      },
      { inputLayout: 'columns', scoreOutput: 'p' },
    ],
    [
      'anything for a custom task',
      { ...columns, task: 'custom', inputs: [], outputs: [] },
      { inputLayout: 'custom' },
    ],
  ])('%s', (_what, question, expected) => {
    expect(matchSignature(question)).toEqual(expected);
  });
});

describe('matchSignature refuses', () => {
  it.each<[string, SignatureQuestion, readonly RegExp[]]>([
    [
      'a missing and an extra input, both named',
      { ...columns, inputs: [tensor('distance', 'float32', -1), tensor('orgin', 'string', -1)] },
      [
        /no input is called "origin".*Did you mean "orgin"/,
        /input "orgin" is no feature.*Did you mean "origin"/,
      ],
    ],
    [
      'an input of another type',
      { ...columns, inputs: [tensor('distance', 'string', -1), tensor('origin', 'float32', -1)] },
      [
        /"distance" is string \[rows\], which cannot hold a feature of type number/,
        /"origin" is float32 \[rows\]/,
      ],
    ],
    [
      'a matrix of another width',
      { ...matrix, inputs: [tensor('input', 'float32', -1, 4)] },
      [/takes 4 columns, but there are 3 features \(a, b, c\)/],
    ],
    [
      'a string feature in a matrix',
      { ...matrix, features: [feature('a'), feature('b'), feature('origin', 'string')] },
      [/feature "origin" of type string does not go into the one input "input"/],
    ],
    [
      'a fixed number of rows',
      { ...matrix, inputs: [tensor('input', 'float32', 1, 3)] },
      [/"input" is float32 \[1, 3\], not \[rows, 3\]/],
    ],
    [
      'a column of several values a row',
      { ...columns, inputs: [tensor('distance', 'float32', -1, 5), tensor('origin', 'string', -1)] },
      [/"distance" is float32 \[rows, 5\], not \[rows\] or \[rows, 1\]/],
    ],
    ['an empty model', { ...columns, inputs: [] }, [/"distance"/, /"origin"/]],
    [
      'labels without scores',
      { ...columns, outputs: [tensor('label', 'int64', -1)] },
      [/no output holds the scores.*it gives "label" int64 \[rows\]/],
    ],
    ['outputs that are no tensors, with the usual cause', { ...columns, outputs: [] }, [/zipmap/]],
    [
      'several outputs that could be the scores',
      { ...columns, outputs: [tensor('one', 'float32', -1), tensor('two', 'float32', -1)] },
      [/several outputs could be the scores \(one, two\)/],
    ],
    [
      'a score a class too many',
      { ...columns, outputs: [tensor('scores', 'float32', -1, 3)] },
      [/no output holds the scores.*"scores" float32 \[rows, 3\]/],
    ],
  ])('%s', (_what, question, patterns) => {
    for (const pattern of patterns) {
      expect(() => matchSignature(question)).toThrow(
        expect.objectContaining({ code: 'MLOPS_MODEL_SIGNATURE', message: expect.stringMatching(pattern) }),
      );
    }
  });
});
