import fc from 'fast-check';
import { dirSync } from 'tmp';
import type { RunSplit, Task } from '@nx-mlops/core';
import { writeRun, type Row } from '../../test/run-fixture';
import type { EncoderOptions } from './fit-encoder';
import { fitEncoder } from './fit-encoder';

const columns = [
  { name: 'x', type: 'number' },
  { name: 'n', type: 'integer' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'boolean' },
  { name: 'when', type: 'date' },
  { name: 'y', type: 'number' },
] as const;

async function fit(
  rows: readonly Row[],
  options: EncoderOptions = {},
  { features = ['x', 'n', 's', 'b'], task = 'custom' as Task } = {},
) {
  const directory = dirSync({ unsafeCleanup: true }).name;
  const context = await writeRun(directory, {
    task,
    columns,
    features,
    target: 'y',
    rows: rows.map((row) => ({ y: 1, ...row })),
  });
  return fitEncoder(context, context.datasets['train'] as RunSplit, options);
}

describe('fitEncoder', () => {
  test('scales numbers by mean and standard deviation, and leaves booleans alone', async () => {
    const { features, featureNames } = await fit([
      { x: 1, n: 10, s: 'a', b: true },
      { x: 3, n: 10, s: 'a', b: false },
    ]);
    expect(features).toMatchObject([
      { offset: 2, scale: 1, fill: 0, indicator: false },
      { offset: 10, scale: 1, fill: 0, indicator: false },
      { keys: ['a'], other: false },
      { offset: 0, scale: 1, fill: 0.5, indicator: false },
    ]);
    expect(featureNames).toEqual(['x', 'n', 'b', 's = a']);
  });

  test('marks missing and infinite numbers where training saw any, and leaves them out of the mean', async () => {
    const rows = [{ x: 4 }, { x: null }, { x: NaN }, { x: Infinity }, { x: -1e300 }, { x: 8 }];
    const { features, featureNames } = await fit(rows, {}, { features: ['x'] });
    expect(features).toMatchObject([{ offset: 6, scale: 0.5, fill: 0, indicator: true }]);
    expect(featureNames).toEqual(['x', 'x (missing)']);
  });

  test('keeps the most frequent categories, ties by value, and counts the others as unknown', async () => {
    const rows = ['b', 'c', 'a', 'b', 'c', 'd', null, null].map((s) => ({ s }));
    const { features, featureNames } = await fit(rows, { maxCategories: 4 }, { features: ['s'] });
    expect(features).toMatchObject([{ keys: ['', 'b', 'c', 'a'], other: true }]);
    expect(featureNames).toEqual(['s = ', 's = b', 's = c', 's = a', 's (other)']);
  });

  test('counts categories of few rows as unknown', async () => {
    const rows = ['b', 'c', 'b', 'c', 'd'].map((s) => ({ s }));
    const { features } = await fit(rows, { minCategoryRows: 2 }, { features: ['s'] });
    expect(features).toMatchObject([{ keys: ['b', 'c'], other: true }]);
  });

  test('encodes integers and booleans as categories when told to', async () => {
    const rows: Row[] = [{ n: 2, b: true }, { n: 2, b: false }, { n: 1, b: true }, { n: null }];
    const { features, blocks } = await fit(
      rows,
      { features: { n: { encoding: 'one-hot' }, b: { encoding: 'index' } } },
      { features: ['n', 'b'] },
    );
    expect(features).toMatchObject([
      { keys: [2, 1], other: true },
      { keys: [1, 0], other: true },
    ]);
    expect(blocks).toMatchObject([
      { name: 'features', width: 3 },
      { name: 'b', width: 1, feature: 'b' },
    ]);
  });

  test('takes integers that are one 32-bit float for one category', async () => {
    const rows = [{ n: 16_777_216 }, { n: 16_777_217 }, { n: 5 }];
    const { features } = await fit(rows, { features: { n: { encoding: 'one-hot' } } }, { features: ['n'] });
    expect(features).toMatchObject([{ keys: [16_777_216, 5], other: false }]);
  });

  test('learns from rows with a target only, and scales the target of a regression', async () => {
    const rows = [
      { x: 1, y: 10 },
      { x: 3, y: 30 },
      { x: 1000, y: null },
      { x: 1000, y: NaN },
    ];
    const options = { features: ['x'], task: 'regression' as const };
    const scaled = await fit(rows, {}, options);
    expect(scaled.features).toMatchObject([{ offset: 2, scale: 1 }]);
    expect(scaled.target).toEqual({ offset: 20, scale: Math.fround(0.1) });
    expect((await fit(rows, { scaleTarget: false }, options)).target).toEqual({ offset: 0, scale: 1 });
  });

  test('gives numbers that 32-bit arithmetic holds, for any column', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.double(), fc.constant(null)), { minLength: 1 }),
        async (values) => {
          fc.pre(values.some((value) => value !== null && Math.abs(value) <= 3.4e38));
          const encoder = await fit(
            values.map((x) => ({ x })),
            {},
            { features: ['x'] },
          );
          const [feature] = encoder.features;
          if (feature?.kind !== 'number') throw new Error('no number');
          for (const number of [feature.offset, feature.scale, feature.fill]) {
            expect(Math.fround(number)).toBe(number);
            expect(Number.isFinite(number)).toBe(true);
          }
          expect(feature.scale).toBeGreaterThan(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each<[string, Parameters<typeof fit>, string]>([
    [
      'a date',
      [[{ when: '2001-01-01' }], {}, { features: ['when'] }],
      'The feature "when" is a date, which has no encoding. Derive a number from it in the dataset\'s prepare query',
    ],
    [
      'a number as a category',
      [[{ x: 1 }], { features: { x: { encoding: 'one-hot' } } }, { features: ['x'] }],
      'The feature "x" is of type number and cannot be encoded as "one-hot". Valid: standard, none.',
    ],
    [
      'options of no feature',
      [[{ s: 'a' }], { features: { sx: {} } }, { features: ['s'] }],
      'fitEncoder is told how to encode "sx", which is no feature of this model. Did you mean "s"?',
    ],
    [
      'a split without rows',
      [[], {}, { features: ['x'] }],
      'The split "data:train" has no row whose target is known',
    ],
    [
      'a number that is always missing',
      [[{ x: null }], {}, { features: ['x'] }],
      'The feature "x" has no value in "data:train" that could be learned from.',
    ],
    [
      'a category that is always missing',
      [[{ n: null }], { features: { n: { encoding: 'index' } } }, { features: ['n'] }],
      'The feature "n" has no value in "data:train" that could be learned from.',
    ],
    [
      'a column that is not there',
      [[{ x: 1 }], {}, { features: ['xx'] }],
      'The split "data:train" has no column "xx". Did you mean "x"?',
    ],
  ])('refuses %s', async (_what, args, message) => {
    await expect(fit(...args)).rejects.toThrow(message);
  });
});
