import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError, type Evaluation, type Sample } from '@nx-mlops/core';
import fc from 'fast-check';
import tmp from 'tmp';
import { allocateCodes, rowsByValue } from './coded-column';
import { readPredictions } from './read-predictions';
import { writePredictions, type KeptPredictions } from './write-predictions';

tmp.setGracefulCleanup();
const newFolder = () => tmp.dirSync({ unsafeCleanup: true }).name;

const base: Evaluation = {
  version: 2,
  model: 'late',
  task: 'binary-classification',
  modelSha256: 'a'.repeat(64),
  modelSize: 1,
  test: { dataset: 'd', split: 'test', sha256: 'b'.repeat(64), rows: 3 },
  confidence: 0.95,
  metrics: {},
  intervals: {},
  directions: {},
  baseline: { strategy: 'class-prior', metrics: {} },
  classes: ['no', 'yes'],
  threshold: 0.3,
  slices: [],
  fairness: [],
  warnings: [],
};
const sample: Sample = {
  task: 'binary-classification',
  scores: Float32Array.of(0.25, 0.5, 0.75),
  labels: Uint8Array.of(0, 1, 1),
  threshold: 0.3,
};

async function written(kept: KeptPredictions & { readonly sample: Sample }, facts: Partial<Evaluation> = {}) {
  const folder = newFolder();
  const evaluation: Evaluation = {
    ...base,
    task: kept.sample?.task ?? 'custom',
    ...facts,
    predictions: await writePredictions(folder, kept),
  };
  return { folder, evaluation };
}

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

/** Samples of every task, with and without weights and groups. */
const samples: fc.Arbitrary<Sample> = fc.integer({ min: 1, max: 40 }).chain((rows) => {
  const of = <Values>(make: (constraints: { minLength: number; maxLength: number }) => Values, width = 1) =>
    make({ minLength: rows * width, maxLength: rows * width });
  const scores = (width = 1) => fc.oneof(of(fc.float32Array, width), of(fc.float64Array, width));
  const properties = fc.record(
    { weights: of(fc.float64Array), groups: of(fc.uint32Array) },
    { requiredKeys: [] },
  );
  const kinds: fc.Arbitrary<Sample>[] = [
    fc.record({
      task: fc.constant('binary-classification' as const),
      scores: scores(),
      labels: of(fc.uint8Array),
      threshold: fc.constant(0.3),
    }),
    fc.record({
      task: fc.constant('multiclass-classification' as const),
      scores: scores(3),
      labels: of(fc.uint16Array),
      classCount: fc.constant(3),
    }),
    fc.record({ task: fc.constant('regression' as const), scores: scores(), targets: of(fc.float64Array) }),
    fc.record({
      task: fc.constant('ranking' as const),
      scores: scores(),
      relevance: of(fc.float64Array),
      queries: of(fc.uint32Array),
    }),
  ];
  return fc.tuple(fc.oneof(...kinds), properties).map(([kind, more]) => ({ ...kind, ...more }));
});

describe('predictions', () => {
  it('come back as they were written, for every task', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (kept) => {
        const classes = kept.task === 'multiclass-classification' ? { classes: ['a', 'b', 'c'] } : {};
        const { folder, evaluation } = await written({ sample: kept, slices: [] }, classes);
        const read = await readPredictions(folder, evaluation);
        expect(read?.sample).toEqual(kept);
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });

  it('keep slices of any name with their values, and the metrics of rows', async () => {
    const slices = [
      { name: 'a/b "c"', values: ['x', null, true, 2.5], codes: Uint8Array.of(0, 4, 3) },
      { name: 'far', values: [1], codes: Uint16Array.of(0, 0, 1) },
    ];
    const rowMetrics = { bleu: Float64Array.of(0.5, 0.25, 1) };
    const { folder, evaluation } = await written({ sample, slices, rowMetrics });
    const read = await readPredictions(folder, evaluation);
    expect(read?.slices).toEqual(new Map(slices.map(({ name, values, codes }) => [name, { values, codes }])));
    expect(read?.rowMetrics).toEqual(new Map(Object.entries(rowMetrics)));
    expect(evaluation.predictions?.scores?.file).toBe('predictions/scores.npy');
  });

  it('are absent where an evaluation kept none', async () => {
    expect(await readPredictions(newFolder(), base)).toBeUndefined();
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ['missing', (file) => rmSync(file), /cannot be read/],
    ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 130)), /not the file that/],
    [
      'changed in one bit',
      (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] = 1 ^ (bytes.at(-1) as number);
        writeFileSync(file, bytes);
      },
      /not the file that/,
    ],
  ])('are not read when a file is %s', async (_what, damage, message) => {
    const { folder, evaluation } = await written({ sample, slices: [] });
    damage(join(folder, 'predictions', 'scores.npy'));
    const error = await failureOf(readPredictions(folder, evaluation));
    expect(error.code).toBe('MLOPS_PREDICTIONS_CORRUPT');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(join('predictions', 'scores.npy'));
    expect(error.message).toContain('nx run late:evaluate --skip-nx-cache');
  });

  it.each<[string, Partial<Evaluation>, RegExp]>([
    [
      'another task',
      { task: 'regression' },
      /truth\.npy: holds Uint8Array of shape \[3\], where Float64Array/,
    ],
    [
      'another number of classes',
      { task: 'multiclass-classification' },
      /scores\.npy: .*3 rows and 2 columns/,
    ],
    ['no threshold', { threshold: undefined }, /no threshold/],
  ])('are not read as those of %s', async (_what, facts, message) => {
    const { folder, evaluation } = await written({ sample, slices: [] }, facts);
    expect((await failureOf(readPredictions(folder, evaluation))).message).toMatch(message);
  });

  it('are not read when a slice has a code without a value', async () => {
    const slices = [{ name: 's', values: ['x'], codes: Uint8Array.of(0, 1, 2) }];
    const { folder, evaluation } = await written({ sample, slices });
    const { message } = await failureOf(readPredictions(folder, evaluation));
    expect(message).toMatch(/slice-0\.npy: has codes beyond its 1 values/);
  });
});

describe('codes', () => {
  it.each([
    [255, Uint8Array],
    [256, Uint16Array],
    [65535, Uint16Array],
    [65536, Uint32Array],
  ])('up to %i lie in the smallest array', (highest, type) => {
    expect(allocateCodes(2, highest)).toBeInstanceOf(type);
  });

  it('give the rows of each value, without those left out', () => {
    const rows = rowsByValue({ values: ['x', 'y', 'z'], codes: Uint8Array.of(1, 3, 0, 1) });
    expect(rows).toEqual([Uint32Array.of(2), Uint32Array.of(0, 3), Uint32Array.of()]);
  });
});
