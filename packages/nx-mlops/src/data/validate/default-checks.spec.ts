import {
  MOST_EXAMPLE_ROWS,
  checkCatalogue,
  checkNames,
  validationSchema,
  type CheckName,
  type CheckResult,
  type datasetConfigSchema,
} from '@nx-mlops/core';
import type { z } from 'zod';
import { temporaryDataset } from '../temporary-dataset.fixture';
import { validateDataset } from './validate-dataset';

type Input = z.input<typeof datasetConfigSchema>;
type Row = Readonly<Record<string, string | number | boolean | null>>;

interface Given {
  readonly train?: readonly Row[];
  readonly test?: readonly Row[];
  readonly schema?: Input['schema'];
  readonly validation?: Input['validation'];
  readonly splits?: Input['splits'];
}

const many = (count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

const splitByPart: Input['splits'] = { train: { where: "part = 'train'" }, test: { where: "part = 'test'" } };

/** Each row unlike the others in both splits; the other columns are what a case is about. */
function csvOf({ train = [{ v: 1 }], test = [] }: Given): string {
  const rows = [
    ...train.map((row, index): Row => ({ part: 'train', nr: `a${index}`, ...row })),
    ...test.map((row, index): Row => ({ part: 'test', nr: `b${index}`, ...row })),
  ];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

async function check(given: Given): Promise<CheckResult[]> {
  const { schema, validation, test = [] } = given;
  const splits = given.splits ?? (test.length === 0 ? { train: { where: 'true' } } : splitByPart);
  const dataset = temporaryDataset(
    { sources: { raw: { path: 'x.csv' } }, splits, schema, validation },
    { 'x.csv': csvOf(given) },
  );
  await dataset.lock();
  await dataset.prepare();
  const result = await validateDataset(dataset.project, dataset.config, dataset.io);
  return validationSchema.parse(result).checks;
}

const fields = (...list: object[]): Input['schema'] => ({ fields: list }) as Input['schema'];
const constrained = (type: string, constraints: object) => fields({ name: 'v', type, constraints });
const values = (...list: (string | number | null)[]): Given => ({ train: list.map((v) => ({ v })) });
const numbers = (count: number, from = 0) => many(count, (index) => ({ v: from + index / 7 }));
const ofKind = (kinds: readonly string[], count: number) =>
  many(count, (index) => ({ v: kinds[index % kinds.length] as string }));

interface Case {
  readonly trips: Given;
  readonly twin: Given;
  /** Rows of the file that are shown. */
  readonly rows?: readonly number[];
}

const constraint = (type: string, constraints: object, bad: Given, good: Given, rows: number[]): Case => ({
  trips: { ...bad, schema: constrained(type, constraints) },
  twin: { ...good, schema: constrained(type, constraints) },
  rows,
});

const cases: Record<CheckName, Case> = {
  column: {
    trips: { ...values(1, 2), schema: fields({ name: 'w', type: 'integer' }) },
    twin: { ...values(1, 2), schema: fields({ name: 'v', type: 'integer' }) },
  },
  undeclared: {
    trips: { ...values(1, 2), schema: fields({ name: 'v', type: 'integer' }) },
    twin: {
      ...values(1, 2),
      schema: fields(
        { name: 'v', type: 'integer' },
        { name: 'part', type: 'string' },
        { name: 'nr', type: 'string' },
      ),
    },
  },
  type: constraint('integer', {}, values(1, 'x'), values(1, 2), [2]),
  required: constraint('integer', { required: true }, values(1, null, 3), values(1, 2), [2]),
  unique: constraint('integer', { unique: true }, values(1, 2, 1), values(1, 2), [1, 3]),
  minimum: constraint('integer', { minimum: 1 }, values(1, 0), values(1, 2), [2]),
  maximum: constraint('integer', { maximum: 2 }, values(2, 3), values(1, 2), [2]),
  exclusiveMinimum: constraint('number', { exclusiveMinimum: 1 }, values(1, 2.5), values(1.5, 2), [1]),
  exclusiveMaximum: constraint('number', { exclusiveMaximum: 2 }, values(1.5, 2), values(1.5, 1.9), [2]),
  minLength: constraint('string', { minLength: 2 }, values('ab', 'a'), values('ab', 'abc'), [2]),
  maxLength: constraint('string', { maxLength: 2 }, values('ab', 'abc'), values('ab', 'a'), [2]),
  enum: constraint('string', { enum: ['a', 'b'] }, values('a', 'c'), values('a', 'b'), [2]),
  pattern: constraint('string', { pattern: '[a-c]+' }, values('ab', 'x'), values('ab', 'c'), [2]),
  primaryKey: {
    trips: {
      ...values(1, 2, 2),
      schema: { fields: [{ name: 'v', type: 'integer' }], primaryKey: ['v'] },
    },
    twin: { ...values(1, 2), schema: { fields: [{ name: 'v', type: 'integer' }], primaryKey: ['v'] } },
    rows: [2, 3],
  },
  minRows: {
    trips: { ...values(1, 2), validation: { minRows: 3 } },
    twin: { ...values(1, 2, 3), validation: { minRows: 3 } },
  },
  rowShare: {
    trips: { train: numbers(300), test: numbers(2) },
    twin: { train: numbers(300), test: numbers(3) },
  },
  missing: {
    trips: { train: numbers(100), test: many(100, (index) => ({ v: index < 90 ? index / 7 : null })) },
    twin: { train: numbers(100), test: many(100, (index) => ({ v: index < 98 ? index / 7 : null })) },
    rows: [91, 92, 93, 94, 95, 96, 97, 98, 99, 100],
  },
  range: {
    trips: { train: numbers(100), test: [...numbers(99), { v: -999 }] },
    twin: { train: numbers(100), test: [...numbers(99), { v: 14.5 }] },
    rows: [100],
  },
  newCategory: {
    trips: { train: ofKind(['x', 'y'], 100), test: [...ofKind(['x', 'y'], 49), { v: 'z' }] },
    twin: { train: ofKind(['x', 'y'], 100), test: ofKind(['x', 'y'], 50) },
    rows: [50],
  },
  newLabel: {
    trips: {
      train: ofKind(['x', 'y'], 60),
      test: [{ v: 'z' }, ...ofKind(['x', 'y'], 59)],
      validation: { label: 'v' },
    },
    twin: { train: ofKind(['x', 'y'], 60), test: ofKind(['x', 'y'], 60), validation: { label: 'v' } },
    rows: [1],
  },
  empty: {
    trips: { train: many(3, (index) => ({ v: null, w: index })) },
    twin: { train: [{ v: 1 }, { v: null }] },
  },
  constant: {
    trips: { train: many(3, () => ({ v: 'same', part: 'a' })) },
    twin: { train: many(3, (index) => ({ v: index, part: `p${index}` })) },
  },
  duplicateColumn: {
    trips: { train: many(9, (index) => ({ v: index % 4, w: index % 4 })) },
    // The same values, in another order.
    twin: { train: many(8, (index) => ({ v: index % 4, w: (index + 1) % 4 })) },
  },
  duplicateRows: {
    trips: { train: [{ v: 1 }, { v: 2, nr: 'same' }, { v: 2, nr: 'same' }] },
    twin: { train: [{ v: 1 }, { v: 2, nr: 'same' }, { v: 3, nr: 'same' }] },
    rows: [2, 3],
  },
  overlap: {
    trips: {
      train: numbers(50),
      test: [...numbers(9, 100), { nr: 'a0', v: 0 }],
      validation: { groupKey: ['nr'] },
    },
    // Of flights of one kind and hour there are several in both, as in the training set itself.
    twin: {
      train: many(60, (index) => ({ nr: 'x', v: index % 6 })),
      test: many(60, (index) => ({ nr: 'x', v: index % 6 })),
    },
    rows: [10],
  },
  groupOverlap: {
    trips: {
      train: many(9, (index) => ({ v: `patient ${index % 3}` })),
      test: [{ v: 'patient 7' }, { v: 'patient 2' }],
      validation: { groupKey: ['v'] },
    },
    twin: {
      train: many(9, (index) => ({ v: `patient ${index % 3}` })),
      test: [{ v: 'patient 7' }, { v: 'patient 8' }],
      validation: { groupKey: ['v'] },
    },
    rows: [2],
  },
  labelLeakage: {
    trips: {
      train: many(200, (index) => ({ v: index % 2 === 0, w: (index % 2) * 1000 + index })),
      validation: { label: 'v' },
    },
    twin: {
      train: many(200, (index) => ({ v: index % 2 === 0, w: index % 7 })),
      validation: { label: 'v' },
    },
  },
  timeOrder: {
    trips: {
      train: [{ v: '2001-01-01' }, { v: '2001-01-05' }],
      test: [{ v: '2001-01-05' }, { v: '2001-01-04' }],
      validation: { timeColumn: 'v' },
    },
    twin: {
      train: [{ v: '2001-01-01' }, { v: '2001-01-05' }],
      test: [{ v: '2001-01-05' }, { v: '2001-01-06' }],
      validation: { timeColumn: 'v' },
    },
    rows: [2],
  },
  skew: {
    trips: {
      train: many(400, (index) => ({ v: index % 10 })),
      test: many(400, (index) => ({ v: index % 3 })),
    },
    twin: {
      train: many(400, (index) => ({ v: index % 10 })),
      test: many(400, (index) => ({ v: (index * 7) % 10 })),
    },
  },
};

describe('the default checks', () => {
  it('each have a case that trips and a twin that does not', () => {
    expect(Object.keys(cases).sort()).toEqual([...checkNames].sort());
  });

  it.each(checkNames)('%s breaks, at its severity and with the rows', async (name) => {
    const { trips, rows } = cases[name];
    const broken = (await check(trips)).filter(
      (result) => result.check === name && result.verdict === checkCatalogue[name].preset,
    );
    expect(broken).not.toEqual([]);
    if (rows !== undefined) {
      const shown = broken.find(({ examples }) => examples !== undefined);
      expect(shown?.examples?.map(({ row }) => row)).toEqual(rows);
      expect(shown?.failingRows).toBe(rows.length - (name === 'duplicateRows' ? 1 : 0));
    }
  });

  it.each(checkNames)('%s holds for the twin', async (name) => {
    const results = (await check(cases[name].twin)).filter((result) => result.check === name);
    // A missing column and an undeclared one are only spoken of when they are.
    if (name === 'column' || name === 'undeclared')
      expect(results.every(({ column }) => column !== 'v')).toBe(true);
    else expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ verdict, column }) => verdict !== 'pass' && (column ?? 'v') === 'v')).toEqual(
      [],
    );
  });

  it.each(['info', 'warn', 'fail'] as const)('can be of severity %s', async (severity) => {
    const { trips } = cases.skew;
    const found = await check({ ...trips, validation: { checks: { skew: severity } } });
    expect(found.find((result) => result.check === 'skew' && result.column === 'v')?.verdict).toBe(severity);
  });

  it('are not run when off, for all columns or for one', async () => {
    const { trips } = cases.required;
    const off = await check({ ...trips, validation: { checks: { required: 'off' } } });
    expect(off.filter((result) => result.check === 'required')).toEqual([]);
    const ml = { severity: 'off' };
    const schema = fields({ name: 'v', type: 'integer', constraints: { required: true }, ml });
    expect((await check({ ...trips, schema })).filter(({ column }) => column === 'v')).toEqual([]);
  });

  it('take their parameters from the config', async () => {
    const { trips } = cases.skew;
    const found = await check({ ...trips, validation: { checks: { skew: { threshold: 0.99 } } } });
    expect(found.find((result) => result.check === 'skew' && result.column === 'v')).toMatchObject({
      verdict: 'pass',
      limit: 0.99,
    });
  });

  it('show the first twenty rows of many', async () => {
    const train = many(50, (index) => ({ v: index % 2 === 0 ? -1 : 1 }));
    const found = await check({ train, schema: constrained('integer', { minimum: 0 }) });
    const { examples = [], failingRows } = found.find((result) => result.check === 'minimum') as CheckResult;
    expect(failingRows).toBe(25);
    expect(examples).toHaveLength(MOST_EXAMPLE_ROWS);
    expect(examples[19]).toEqual({ row: 39, values: { v: -1 } });
  });

  it('fail when none was run', async () => {
    const off = Object.fromEntries(checkNames.map((name) => [name, 'off'])) as object;
    const found = await check({ validation: { checks: off } });
    expect(found).toEqual([expect.objectContaining({ check: 'checks', verdict: 'fail' })]);
  });

  it('take the text that schema.missingValues names for a gap', async () => {
    const train = ['a', 'NA', 'b'].map((v) => ({ v }));
    const schema = {
      fields: [{ name: 'v', type: 'string' as const, constraints: { required: true, enum: ['a', 'b'] } }],
      missingValues: ['NA'],
    };
    const found = (await check({ train, schema })).filter(({ verdict }) => verdict === 'fail');
    expect(found).toEqual([
      expect.objectContaining({
        check: 'required',
        failingRows: 1,
        examples: [{ row: 2, values: { v: null } }],
      }),
    ]);
  });

  it('leave alone what columns differ in on purpose, and ignored columns', async () => {
    const train = many(200, (index) => ({ v: index, w: 1 }));
    const test = many(200, (index) => ({ v: 1000 + index, w: 5 }));
    const splits = { train: { where: 'v < 1000' }, test: { where: 'V >= 1000' } };
    const schema = fields({ name: 'w', type: 'integer', ml: { role: 'ignore' } });
    const found = await check({ train, test, splits, schema });
    const about = (column: string) => found.filter((result) => result.column === column);
    expect(about('v').filter(({ check: name }) => name === 'range' || name === 'skew')).toEqual([
      expect.objectContaining({ verdict: 'skip' }),
      expect.objectContaining({ verdict: 'skip' }),
    ]);
    expect(about('w').map(({ check: name }) => name)).toEqual(['type', 'type']);
  });

  it.each([
    ['a label that is no column', { label: 'w' }, 'validation.label'],
    ['a time that is no column', { timeColumn: 'w' }, 'validation.timeColumn'],
    ['a key that is no column', { groupKey: ['v', 'w'] }, 'validation.groupKey[1]'],
    ['a reference that is no split', { reference: 'tarin' }, 'validation.reference'],
  ])('name %s', async (_, validation, path) => {
    await expect(check({ validation })).rejects.toMatchObject({
      code: 'MLOPS_CONFIG_INVALID',
      location: { path },
    });
  });
});

describe('label leakage', () => {
  const strengthOf = async (train: Row[], validation = { label: 'v' }) =>
    (await check({ train, validation })).find(
      (result) => result.check === 'labelLeakage' && result.column === 'w',
    );

  it('is the ROC AUC of a number, worked out by hand', async () => {
    // Positives 2, 3, 5 against negatives 1, 3, 4: of nine pairs 5 are right and 1 is a tie; ten times over.
    const pairs = [1, 3, 4].map((w) => ({ v: false, w })).concat([2, 3, 5].map((w) => ({ v: true, w })));
    const result = await strengthOf(many(60, (index) => pairs[index % 6] as Row));
    expect(result?.measured).toBeCloseTo(5.5 / 9, 12);
  });

  it('finds a category that is the label of several classes in other words', async () => {
    const kinds = ['a', 'b', 'c'];
    const result = await strengthOf(
      many(90, (index) => ({ v: kinds[index % 3] as string, w: `is ${kinds[index % 3]}` })),
    );
    expect(result).toMatchObject({ verdict: 'warn', measured: 1 });
  });

  it('finds a number that is the label of a regression in another unit', async () => {
    const result = await strengthOf(many(90, (index) => ({ v: index * 1.5, w: 3 - 2 * index })));
    expect(result).toMatchObject({ verdict: 'warn', measured: 1 });
  });

  it('takes no id for a leak', async () => {
    const result = await strengthOf(many(90, (index) => ({ v: index % 2 === 0, w: `id ${index}` })));
    expect(result).toMatchObject({ verdict: 'pass', measured: 0.5 });
  });
});

describe('overlap', () => {
  const half = { train: { fraction: 0.5 }, test: { fraction: 0.5 } };

  it('cannot be between splits by fraction', async () => {
    const found = await check({ train: many(60, (index) => ({ nr: 'x', v: index % 9 })), splits: half });
    expect(found.find((result) => result.check === 'overlap')).toMatchObject({
      verdict: 'pass',
      measured: 0,
    });
  });

  it('is measured on the split that is not the reference', async () => {
    const { trips } = cases.overlap;
    const found = (await check(trips)).find((result) => result.check === 'overlap');
    expect(found).toMatchObject({ split: 'test', verdict: 'fail', failingRows: 1, measured: 0.1 });
  });

  it('is a warning where no key tells things apart, and the reference repeats no row', async () => {
    const { trips } = cases.overlap;
    const found = await check({ ...trips, validation: {} });
    expect(found.find((result) => result.check === 'overlap')).toMatchObject({
      verdict: 'warn',
      failingRows: 1,
      limit: 0.01,
    });
    const strict = await check({ ...trips, validation: { checks: { overlap: 'fail' } } });
    expect(strict.find((result) => result.check === 'overlap')?.verdict).toBe('fail');
  });

  it('does not take two missing keys for one', async () => {
    const train = many(5, (index) => ({ v: index === 0 ? null : `t${index}` }));
    const found = await check({ train, test: [{ v: null }, { v: 'x' }], validation: { groupKey: ['v'] } });
    expect(found.find((result) => result.check === 'groupOverlap')?.verdict).toBe('pass');
  });
});
