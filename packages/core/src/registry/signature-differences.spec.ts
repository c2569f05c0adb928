import type { ModelManifest } from '../manifest/model-manifest';
import { signatureDifferences } from './signature-differences';

type Signature = Parameters<typeof signatureDifferences>[0];

const tensor = (name: string, type: 'float32' | 'int64' = 'float32', shape = [-1, 2]) => ({
  name,
  type,
  shape,
});
const base: Signature = {
  task: 'regression',
  features: [
    { name: 'a', type: 'number' },
    { name: 'b', type: 'number' },
  ],
  inputLayout: 'matrix',
  inputs: [tensor('x')],
  outputs: [tensor('y', 'float32', [-1])],
};

it('is empty for the same signature, and for one that gives more', () => {
  expect(signatureDifferences(base, base)).toEqual([]);
  expect(
    signatureDifferences(base, { ...base, outputs: [...base.outputs, tensor('label', 'int64')] }),
  ).toEqual([]);
});

it.each<[Partial<Signature>, string]>([
  [{ task: 'custom' as ModelManifest['task'] }, 'the task is custom instead of regression'],
  [{ inputLayout: 'columns' }, 'its inputs are laid out as columns instead of matrix'],
  [{ inputs: [tensor('x', 'int64')] }, 'the input "x" is int64[-1,2] instead of float32[-1,2]'],
  [{ inputs: [tensor('x', 'float32', [-1, 3])] }, 'the input "x" is float32[-1,3] instead of float32[-1,2]'],
  [{ inputs: [tensor('x'), tensor('z')] }, 'it asks for the input "z"'],
  [{ inputs: [] }, 'it does not take the input "x"'],
  [{ features: [...base.features].reverse() }, 'its features are b, a instead of a, b'],
  [{ outputs: [tensor('z')] }, 'it does not give the output "y"'],
  [{ outputs: [tensor('y', 'int64', [-1])] }, 'the output "y" is int64[-1] instead of float32[-1]'],
])('tells of %j', (changes, expected) => {
  expect(signatureDifferences(base, { ...base, ...changes })).toContain(expected);
});
