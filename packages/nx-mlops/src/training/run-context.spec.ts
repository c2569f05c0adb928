import type { Column } from '@nx-mlops/core';
import type { LocalSplit } from './project-folder';
import { modelColumns } from './run-context';

function split(name: string, columns: Column[]): LocalSplit {
  const file = { sha256: 'a'.repeat(64), size: 1 };
  return { path: '/x', manifest: { version: 1, dataset: 'd', split: name, file, rows: 1, columns } };
}
const columns: Column[] = [
  { name: 'hour', type: 'integer' },
  { name: 'late', type: 'boolean' },
];
type Config = Parameters<typeof modelColumns>[1];
const config: Config = { task: 'binary-classification', features: ['hour'], target: 'late' };
const project = { root: 'ml/m' };

it('gives the types of features and target', () => {
  expect(modelColumns(project, config, { train: split('train', columns) })).toEqual({
    features: [{ name: 'hour', type: 'integer' }],
    target: { name: 'late', type: 'boolean' },
  });
});

it.each<[string, Partial<Config>, LocalSplit, RegExp, LocalSplit?]>([
  [
    'a feature that is not there',
    { features: ['huor'] },
    split('train', columns),
    /features\[0\]: d:train has no column "huor"\. Did you mean "hour"\?/,
  ],
  [
    'a target that is not there',
    { target: 'lat' },
    split('train', columns),
    /target: d:train has no column "lat"\. Did you mean "late"\?/,
  ],
  [
    'a column that validation lacks',
    {},
    split('train', columns),
    /d:validation has no column "late"/,
    split('validation', columns.slice(0, 1)),
  ],
  [
    'a column of two types',
    {},
    split('train', columns),
    /"hour" is of type integer in d:train and of type string in d:validation/,
    split('validation', [{ name: 'hour', type: 'string' }, columns[1] as Column]),
  ],
  [
    'a regression of a target that is no number',
    { task: 'regression' },
    split('train', columns),
    /target: A regression needs a target that is a number; "late" is of type boolean/,
  ],
])('refuses %s', (_what, changes, train, message, ...others) => {
  const splits = { train, validation: others[0] };
  expect(() => modelColumns(project, { ...config, ...changes }, splits)).toThrow(message);
});
