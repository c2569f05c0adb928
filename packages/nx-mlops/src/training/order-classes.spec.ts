import type { ClassLabel, ModelConfig } from '@nx-mlops/core';
import { orderClasses } from './order-classes';

function order(task: ModelConfig['task'], labels: ClassLabel[], positiveClass?: ClassLabel): ClassLabel[] {
  const datasets = { train: 'flights:train', test: 'flights:test' };
  return orderClasses(
    { root: 'ml/m' },
    { task, target: 'late', datasets, ...(positiveClass === undefined ? {} : { positiveClass }) },
    labels,
  );
}

it.each([
  [['yes', 'no'], undefined, ['no', 'yes']],
  [[true, false], undefined, [false, true]],
  [[10, 9], undefined, [9, 10]],
  [['yes', 'no'], 'no', ['yes', 'no']],
  [[0, 1], 0, [1, 0]],
  [[true, false], false, [true, false]],
  [['B', 'a'], undefined, ['B', 'a']],
] as const)('orders %j with positive class %j as %j', (labels, positive, ordered) => {
  expect(order('binary-classification', [...labels], positive)).toEqual(ordered);
});

it('orders the classes of a multiclass task, numbers by size', () => {
  expect(order('multiclass-classification', [10, 2, 1])).toEqual([1, 2, 10]);
});

it.each([
  [
    'binary-classification',
    ['a', 'b', 'c'],
    undefined,
    /task: The target "late" has 3 values in flights:train \("a", "b", "c"\); a binary classification needs exactly 2\. Use "task": "multiclass/,
  ],
  ['binary-classification', ['a'], undefined, /has one value in flights:train \("a"\)[^]*one side alone/],
  ['binary-classification', [], undefined, /has 0 values/],
  [
    'binary-classification',
    ['yes', 'no'],
    'yse',
    /positiveClass: "yse" is no value of the target\. Did you mean "yes"\?/,
  ],
  [
    'binary-classification',
    [0, 1],
    '1',
    /"1" is a string, but the target's values are of type number: write 1\./,
  ],
  ['multiclass-classification', ['a'], undefined, /target: [^]*needs 2 to 1000/],
  [
    'multiclass-classification',
    Array.from({ length: 1001 }, (_, i) => i),
    undefined,
    /more than 1000 values[^]*Is it a "regression"\?/,
  ],
] as const)('%s with %j and positive class %j is refused', (task, labels, positive, message) => {
  expect(() => order(task, [...labels], positive)).toThrow(message);
});
