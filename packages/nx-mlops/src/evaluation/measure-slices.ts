import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { rowsOf } from '@nx-mlops/core';
import { runInThreads } from '../processes/run-in-threads';
import { columnMeasurer, type SliceMeasurement, type SlicedSample } from './measure-column';
import type { SliceColumn } from './slice-columns';

/** Rows below which starting a thread takes longer than it saves. */
const leastRows = 100_000;
/** Bytes of all copies of the sample: each thread has its own. */
const mostCopied = 512 * 2 ** 20;

/**
 * How many threads shall measure slices.
 *
 * @param cores @default those that this process may use
 */
export function threadsFor(sliced: SlicedSample, columns: number, cores = availableParallelism()): number {
  if (cores < 2 || rowsOf(sliced.sample) < leastRows) return 0;
  return Math.min(columns, cores, Math.floor(mostCopied / bytesOf(sliced)));
}

/**
 * Measures all slices of some columns, in threads where that is worth it: they begin before this returns, so what else is
 * measured of the sample is measured beside them. The results are the same either way.
 *
 * @param threads 0 to measure in this one
 * @throws the reason of the signal
 */
export async function measureSlices(
  sliced: SlicedSample,
  columns: readonly SliceColumn[],
  { signal, threads = threadsFor(sliced, columns.length) }: { signal?: AbortSignal; threads?: number } = {},
): Promise<SliceMeasurement[]> {
  if (threads === 0) return columns.flatMap(columnMeasurer(sliced));
  const measured = new Map<SliceColumn, SliceMeasurement[]>();
  await runInThreads<SliceColumn, SliceMeasurement[]>(
    join(__dirname, 'slice-worker'),
    columns,
    (column, results) => void measured.set(column, results),
    // One column in hand beside the one that it works on: this thread may be long in answering.
    {
      data: sliced,
      stop: new Int32Array(new SharedArrayBuffer(4)),
      threads,
      ahead: 2,
      ...(signal && { signal }),
    },
  );
  return columns.flatMap((column) => measured.get(column) ?? []);
}

function bytesOf({ sample, sorted }: SlicedSample): number {
  return [...Object.values(sample), ...Object.values(sorted ?? {})].reduce<number>(
    (bytes, value) => bytes + (ArrayBuffer.isView(value) ? value.byteLength : 0),
    0,
  );
}
