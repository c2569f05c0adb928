import { datasetConfigSchema, type DatasetConfig, type FieldConfig } from '@nx-mlops/core';
import fc from 'fast-check';
import { proposeLearningProblem, type LearningOptions } from './propose-columns';

type Field = FieldConfig;

function dataset(fields: Field[], more: Partial<DatasetConfig> = {}, primaryKey?: string[]): DatasetConfig {
  return datasetConfigSchema.parse({
    sources: { s: { path: 's.csv' } },
    splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
    schema: { fields, ...(primaryKey === undefined ? {} : { primaryKey }) },
    ...more,
  });
}

const number = (name: string): Field => ({ name, type: 'number' });
const integer = (name: string, constraints: Field['constraints'] = undefined): Field => ({
  name,
  type: 'integer',
  ...(constraints === undefined ? {} : { constraints }),
});
const text = (name: string, values?: string[]): Field => ({
  name,
  type: 'string',
  ...(values === undefined ? {} : { constraints: { enum: values } }),
});
const boolean = (name: string): Field => ({ name, type: 'boolean' });
const propose = (config: DatasetConfig, options: LearningOptions = {}) =>
  proposeLearningProblem(config, options, 'd/dataset.config.json');

describe('the proposed target and task', () => {
  it.each<[string, Field[], string, string]>([
    ['a column called target, wherever it stands', [number('target'), boolean('b')], 'target', 'regression'],
    ['upper case or not', [number('x'), text('Label')], 'Label', 'multiclass-classification'],
    ['the last boolean', [boolean('a'), boolean('b'), number('x')], 'b', 'binary-classification'],
    ['the last list of values', [text('c', ['x', 'y', 'z']), number('x')], 'c', 'multiclass-classification'],
    ['two values make it binary', [text('c', ['x', 'y']), number('x')], 'c', 'binary-classification'],
    ['the last column', [text('c'), number('price')], 'price', 'regression'],
    ['0 and 1', [number('x'), integer('won', { minimum: 0, maximum: 1 })], 'won', 'binary-classification'],
    ['a well-known yes or no', [number('x'), integer('late')], 'late', 'binary-classification'],
    ['a class number', [number('x'), integer('class')], 'class', 'multiclass-classification'],
    ['a count', [number('x'), integer('sold')], 'sold', 'regression'],
    ['no date', [number('x'), { name: 'day', type: 'date' }, text('c')], 'c', 'multiclass-classification'],
    ['no key', [number('x'), number('y2'), integer('order_id')], 'y2', 'regression'],
  ])('is %s', (_, fields, target, task) => {
    const problem = propose(dataset(fields));
    expect([problem.target.value, problem.task.value]).toEqual([target, task]);
  });

  it('suits the task that was asked for', () => {
    const fields = [number('x'), boolean('b'), number('price')];
    expect(propose(dataset(fields), { task: 'regression' }).target.value).toBe('price');
  });

  it('is no column that was named as a feature', () => {
    expect(propose(dataset([number('x'), boolean('b')]), { features: ['b'] }).target.value).toBe('x');
  });

  it('is refused when the task cannot have it, with the task that can', () => {
    expect(() =>
      propose(dataset([number('x'), number('z')]), { target: 'x', task: 'multiclass-classification' }),
    ).toThrow(/--task=regression/);
    expect(() => propose(dataset([number('x'), { name: 'day', type: 'date' }]), { target: 'day' })).toThrow(
      /prepare SQL/,
    );
  });
});

describe('the proposed features', () => {
  const leftOut = (config: DatasetConfig) =>
    Object.fromEntries(propose(config).leftOut.map(({ value, because }) => [value, because]));

  it('are all columns but the target, in the order of the schema', () => {
    expect(propose(dataset([number('b'), number('target'), text('a')])).features).toEqual(['b', 'a']);
  });

  it('leave out dates, keys and what tells the splits apart', () => {
    const config = dataset(
      [
        { name: 'day', type: 'date' },
        integer('flight'),
        integer('customer_id'),
        integer('code', { unique: true }),
        integer('month'),
        number('x'),
        boolean('late'),
      ],
      { splits: { train: { where: '"month" <= 4' }, test: { where: "Month > 4 AND 'x' <> ''" } } },
      ['flight'],
    );
    expect(Object.keys(leftOut(config))).toEqual(['day', 'flight', 'customer_id', 'code', 'month']);
    expect(propose(config).features).toEqual(['x']);
  });

  it('do not take part of a word in a condition for a column', () => {
    const config = dataset([number('mon'), number('x')], {
      splits: { train: { where: 'month = 1' }, test: { where: 'month = 2' } },
    });
    expect(propose(config).features).toEqual(['mon']);
  });

  it('may be what the user names, once each', () => {
    expect(propose(dataset([integer('id'), number('y')]), { features: ['id', 'id'] }).features).toEqual([
      'id',
    ]);
  });

  it('must be at least one', () => {
    expect(() => propose(dataset([integer('id'), number('y')]))).toThrow(/id is a key.*--features/);
  });
});

describe('any schema', () => {
  const field = fc.record({
    name: fc.stringMatching(/^[a-z][a-z_ .*(]{0,8}$/),
    type: fc.constantFrom(...(['string', 'integer', 'number', 'boolean', 'date', 'datetime'] as const)),
  });

  it('gives a valid problem or an error that names the file', () => {
    fc.assert(
      fc.property(fc.uniqueArray(field, { selector: ({ name }) => name, minLength: 1 }), (fields) => {
        const config = dataset(fields);
        const names = fields.map(({ name }) => name);
        try {
          const { features, target } = propose(config);
          expect(features.length).toBeGreaterThan(0);
          expect(features).not.toContain(target.value);
          expect(names).toEqual(expect.arrayContaining([...features, target.value]));
        } catch (error) {
          expect(String(error)).toMatch(/d\/dataset\.config\.json: schema\.fields: no column/);
        }
      }),
    );
  });
});
