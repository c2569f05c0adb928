import {
  layout,
  profileSchema,
  readManifest,
  validationSchema,
  type CheckResult,
  type Validation,
  type datasetConfigSchema,
} from '@nx-mlops/core';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { validateDataset } from './validate-dataset';

type Input = z.input<typeof datasetConfigSchema>;

const csv = `id,name,amount,day,ok
1,ann,10.5,2001-01-01,true
2,bob,,2001-01-02,false
3,bob,-3,2001-01-03,true
4,,7,2001-01-04,true
`;

function datasetWith(config: Partial<Input>, data = csv): TemporaryDataset {
  return temporaryDataset(
    { sources: { raw: { path: 'x.csv' } }, splits: { all: { where: 'true' } }, ...config },
    { 'x.csv': data },
  );
}

const field = (name: string, type: string, constraints?: object) => ({ name, type, constraints });

async function validate(dataset: TemporaryDataset): Promise<Validation> {
  await dataset.lock();
  await dataset.prepare();
  return validateDataset(dataset.project, dataset.config, dataset.io);
}

const complaints = ({ checks }: Validation): CheckResult[] =>
  checks.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip');
const folderOf = ({ project }: TemporaryDataset) => join(project.folder, layout.validation);

describe('validateDataset', () => {
  it('writes verdicts and a profile of each split when all is well', async () => {
    const dataset = datasetWith({
      splits: { train: { where: 'id <= 3' }, test: { where: 'id > 3' } },
      schema: {
        fields: [
          field('id', 'integer', { required: true, unique: true, minimum: 1, maximum: 4 }),
          field('name', 'string', { pattern: '[a-z]+', enum: ['ann', 'bob'] }),
          field('amount', 'number'),
          field('day', 'date', { minimum: '2001-01-01' }),
          field('ok', 'boolean', { enum: [true, false] }),
        ],
        primaryKey: ['id'],
      } as Input['schema'],
    });
    const validation = await validate(dataset);
    expect(validation.passed).toBe(true);
    expect(readdirSync(folderOf(dataset)).sort()).toEqual([
      'junit.xml',
      'report.html',
      'report.md',
      'test.profile.json',
      'train.profile.json',
      'validation.json',
    ]);
    const file = join(folderOf(dataset), 'validation.json');
    expect(await readManifest(file, validationSchema, '')).toEqual(validation);
    await readManifest(join(folderOf(dataset), 'train.profile.json'), profileSchema, '');
    expect(complaints(validation).map(({ column, verdict }) => [column, verdict])).toEqual([
      ['name', 'warn'],
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain(dataset.project.workspaceRoot);
  });

  it.each([
    ['a missing column', field('nmae', 'string'), { check: 'column', column: 'nmae' }, 'it has id, name'],
    [
      'missing values',
      field('amount', 'number', { required: true }),
      { check: 'required', failingRows: 1 },
      'not so in 1 of 4 rows',
    ],
    [
      'values below the minimum',
      field('amount', 'number', { minimum: 0 }),
      { check: 'minimum', failingRows: 1 },
      'such as "-3.0"',
    ],
    [
      'values above the maximum',
      field('amount', 'number', { maximum: 7 }),
      { check: 'maximum', failingRows: 1 },
      'such as "10.5"',
    ],
    [
      'dates before the minimum',
      field('day', 'date', { minimum: '2001-01-03' }),
      { check: 'minimum', failingRows: 2 },
      'such as "2001-01-01", "2001-01-02"',
    ],
    [
      'values beyond the enum',
      field('name', 'string', { enum: ['ann'] }),
      { check: 'enum', failingRows: 2 },
      '"bob"',
    ],
    [
      'numbers beyond the enum',
      field('id', 'integer', { enum: [1, 2, 3] }),
      { check: 'enum', failingRows: 1 },
      '"4"',
    ],
    [
      'booleans beyond the enum',
      field('ok', 'boolean', { enum: [true] }),
      { check: 'enum', failingRows: 1 },
      '"false"',
    ],
    [
      'text that does not match as a whole',
      field('name', 'string', { pattern: 'a' }),
      { check: 'pattern', failingRows: 3 },
      '"bob", "ann"',
    ],
    [
      'values that occur twice',
      field('name', 'string', { unique: true }),
      { check: 'unique', failingRows: 2 },
      '2 rows share theirs, such as "bob"',
    ],
    [
      'text where numbers should be',
      field('name', 'number'),
      { check: 'type', failingRows: 3 },
      '"bob", "ann"',
    ],
    [
      'fractions where whole numbers should be',
      field('amount', 'integer'),
      { check: 'type', failingRows: 1 },
      '"10.5"',
    ],
    ['another type altogether', field('ok', 'date'), { check: 'type' }, 'is boolean, the schema says date'],
  ])('fails on %s and shows them', async (_, bad, expected, words) => {
    const dataset = datasetWith({ schema: { fields: [bad] } as Input['schema'] });
    const validation = await validate(dataset);
    const [failure, ...others] = validation.checks.filter(({ verdict }) => verdict === 'fail');
    expect(failure).toMatchObject({ split: 'all', column: bad.name, ...expected });
    expect(failure?.because).toContain(words);
    expect(others).toEqual([]);
    expect(dataset.printed.join('\n')).toContain(`FAIL  all.${bad.name}`);
  });

  it('takes whole numbers for a column declared as number', async () => {
    const dataset = datasetWith({ schema: { fields: [field('id', 'number')] } as Input['schema'] });
    expect((await validate(dataset)).passed).toBe(true);
  });

  it('fails on a primary key with gaps or repetitions', async () => {
    const dataset = datasetWith(
      {
        schema: {
          fields: [field('name', 'string'), field('ok', 'boolean')],
          primaryKey: ['name', 'ok'],
        } as Input['schema'],
      },
      `${csv}5,ann,1,2001-01-05,true\n`,
    );
    const failures = (await validate(dataset)).checks.filter(({ verdict }) => verdict === 'fail');
    expect(failures.map(({ check, failingRows }) => [check, failingRows])).toEqual([
      ['primaryKey', 1],
      ['primaryKey', 2],
    ]);
    expect(failures[1]?.because).toContain('"ann" / "true"');
  });

  it('puts a failure beside the former result, which stays, and clears it once all is well', async () => {
    const dataset = datasetWith({ validation: { minRows: 4 } });
    expect((await validate(dataset)).passed).toBe(true);
    const before = readFileSync(join(folderOf(dataset), 'validation.json'), 'utf8');
    const failed = join(dataset.project.folder, layout.validationFailed);

    dataset.write('x.csv', csv.split('\n').slice(0, 3).join('\n'));
    const validation = await validate(dataset);
    expect(validation.passed).toBe(false);
    expect(validation.checks[0]).toMatchObject({
      check: 'minRows',
      verdict: 'fail',
      because: expect.stringContaining('2 rows'),
    });
    expect(readFileSync(join(folderOf(dataset), 'validation.json'), 'utf8')).toBe(before);
    expect(await readManifest(join(failed, 'validation.json'), validationSchema, '')).toEqual(validation);
    expect(existsSync(join(failed, 'all.profile.json'))).toBe(true);
    expect(readFileSync(join(failed, 'report.html'), 'utf8')).toContain('minRows');
    expect(dataset.printed.at(-1)).toContain(layout.validationFailed);

    dataset.write('x.csv', csv);
    await validate(dataset);
    expect(existsSync(failed)).toBe(false);
  });

  it('without a schema looks for empty columns and for rows in two splits', async () => {
    const dataset = datasetWith(
      { splits: { train: { fraction: 0.5 }, test: { fraction: 0.5 } } },
      `id,nothing\n${Array.from({ length: 50 }, (_, index) => `${index},`).join('\n')}\n`,
    );
    const validation = await validate(dataset);
    expect(validation.passed).toBe(true);
    expect(complaints(validation).map(({ check, split, column }) => [check, split, column])).toEqual([
      ['empty', 'train', 'nothing'],
      ['empty', 'test', 'nothing'],
    ]);
    expect(validation.checks).toContainEqual(expect.objectContaining({ check: 'overlap', verdict: 'pass' }));
  });

  it('fails when splits share keys', async () => {
    const dataset = datasetWith({
      splitBy: { key: ['name'] },
      splits: { train: { where: 'id <= 2' }, test: { where: 'id > 2' } },
    });
    const overlap = (await validate(dataset)).checks.find(({ check }) => check === 'groupOverlap');
    expect(overlap).toMatchObject({
      split: 'test',
      verdict: 'fail',
      failingRows: 1,
      because: expect.stringContaining('name'),
      examples: [{ row: 1, values: { name: 'bob' } }],
    });
  });

  it('writes the same bytes again', async () => {
    const dataset = datasetWith({ splits: { train: { where: 'id <= 3' }, test: { where: 'id > 3' } } });
    const bytes = () =>
      readdirSync(folderOf(dataset)).map((name) => readFileSync(join(folderOf(dataset), name), 'utf8'));
    await validate(dataset);
    const before = bytes();
    await validate(dataset);
    expect(bytes()).toEqual(before);
  });

  it.each([
    [
      'a pattern on a number',
      field('id', 'integer', { pattern: '1' }),
      'schema.fields[0].constraints.pattern',
    ],
    ['a broken pattern', field('name', 'string', { pattern: '(' }), 'schema.fields[0].constraints.pattern'],
    ['a look-around', field('name', 'string', { pattern: '(?=a)' }), 'schema.fields[0].constraints.pattern'],
    [
      'text as the minimum of a number',
      field('id', 'integer', { minimum: 'x' }),
      'schema.fields[0].constraints.minimum',
    ],
    [
      'no date as the maximum of a date',
      field('day', 'date', { maximum: 'soon' }),
      'schema.fields[0].constraints.maximum',
    ],
    [
      'a minimum of a boolean',
      field('ok', 'boolean', { minimum: 0 }),
      'schema.fields[0].constraints.minimum',
    ],
    [
      'text in the enum of a number',
      field('id', 'integer', { enum: ['1'] }),
      'schema.fields[0].constraints.enum',
    ],
    ['an empty enum', field('id', 'integer', { enum: [] }), 'schema.fields[0].constraints.enum'],
  ])('names %s in the config', async (_, bad, path) => {
    const dataset = datasetWith({ schema: { fields: [bad] } as Input['schema'] });
    await expect(validate(dataset)).rejects.toMatchObject({
      code: 'MLOPS_CONFIG_INVALID',
      location: { file: 'ml/late flights/dataset.config.json', path },
    });
  });

  it('says to prepare first', async () => {
    const dataset = datasetWith({});
    await expect(validateDataset(dataset.project, dataset.config, dataset.io)).rejects.toMatchObject({
      code: 'MLOPS_MANIFEST_MISSING',
      message: expect.stringContaining('nx run @acme/flights:prepare'),
    });
  });

  it('stops when the signal has aborted', async () => {
    const dataset = datasetWith({});
    await dataset.lock();
    await dataset.prepare();
    const signal = AbortSignal.abort(new Error('stopped by a test'));
    await expect(validateDataset(dataset.project, dataset.config, { ...dataset.io, signal })).rejects.toThrow(
      'stopped by a test',
    );
    expect(existsSync(folderOf(dataset))).toBe(false);
  });
});
