import type { MetricName, Sample } from '@nx-mlops/core';
import { allocateCodes } from './coded-column';
import type { SlicedSample } from './measure-column';
import { measureSlices, threadsFor } from './measure-slices';
import type { SliceColumn } from './slice-columns';
import { sliceResults } from './slice-results';

const rows = 2000;
/** Numbers without pattern, the same each time. */
const noise = (row: number) => Math.abs(Math.sin(row * 12.9898) * 43758.5453) % 1;
const scores = Float32Array.from({ length: rows }, (_, row) => Math.round(noise(row) * 500) / 500);
const labels = Uint8Array.from({ length: rows }, (_, row) =>
  Number(noise(row + 7) < (scores[row] as number)),
);
const groups = Uint32Array.from({ length: rows }, (_, row) => row >> 2);

function column(name: string, values: number): SliceColumn {
  const codes = allocateCodes(rows, values);
  for (let row = 0; row < rows; row++) codes[row] = Math.floor(noise(row * values) * values);
  return {
    name,
    kind: 'declared',
    values: Array.from({ length: values }, (_, value) => `v${value}`),
    codes,
    leftOut: 0,
  };
}

const columns = [column('a', 2), column('b', 5), column('c', 9)];
const binary: Sample = { task: 'binary-classification', scores, labels, threshold: 0.5 };
const sampled: [string, Sample, MetricName[]][] = [
  ['binary', binary, ['roc-auc', 'accuracy', 'log-loss']],
  ['binary, with weights and groups', { ...binary, weights: Float64Array.from(scores), groups }, ['pr-auc']],
  [
    'regression',
    { task: 'regression', scores, targets: Float64Array.from(labels) },
    ['mae', 'rmse', 'median-absolute-error'],
  ],
];

describe('measuring slices', () => {
  it.each(sampled)('gives the same in threads as without them: %s', async (_what, sample, names) => {
    const sliced: SlicedSample = { sample, names, confidence: 0.95 };
    const here = await measureSlices(sliced, columns, { threads: 0 });
    expect(await measureSlices(sliced, columns, { threads: 2 })).toEqual(here);
    expect(here).toHaveLength(16);
    expect(here.every(({ p }) => typeof p === 'number')).toBe(true);
  });

  it('tells of many comparisons what is left when all are counted', async () => {
    const sliced: SlicedSample = { sample: binary, names: ['roc-auc'], confidence: 0.95 };
    const measured = await measureSlices(sliced, columns);
    const results = sliceResults(measured, 'roc-auc');
    for (const [index, { adjustedP }] of results.entries()) {
      expect(adjustedP?.['roc-auc']).toBeGreaterThanOrEqual(measured[index]?.p as number);
    }
    expect(sliceResults(measured.slice(0, 2), undefined)).toEqual(
      measured.slice(0, 2).map(({ result }) => result),
    );
  });

  it('ends with the reason of the signal', async () => {
    const sliced: SlicedSample = { sample: binary, names: ['roc-auc'], confidence: 0.95 };
    const abort = new AbortController();
    const reason = new Error('stopped');
    const measured = measureSlices(sliced, columns, { threads: 2, signal: abort.signal });
    abort.abort(reason);
    await expect(measured).rejects.toBe(reason);
  });
});

describe('threads for slices', () => {
  const sliced = (count: number): SlicedSample => ({
    sample: { ...binary, scores: new Float32Array(count), labels: new Uint8Array(count) },
    names: ['roc-auc'],
    confidence: 0.95,
  });

  it.each([
    { count: 99_999, columns: 4, cores: 8, threads: 0 },
    { count: 100_000, columns: 4, cores: 8, threads: 4 },
    { count: 100_000, columns: 4, cores: 2, threads: 2 },
    { count: 100_000, columns: 4, cores: 1, threads: 0 },
    { count: 100_000, columns: 0, cores: 8, threads: 0 },
    // 5 bytes a row, in each.
    { count: 50_000_000, columns: 8, cores: 8, threads: 2 },
  ])(
    '$threads of $count rows, $columns columns, $cores cores',
    ({ count, columns: sliceCount, cores, threads }) => {
      expect(threadsFor(sliced(count), sliceCount, cores)).toBe(threads);
    },
  );
});
