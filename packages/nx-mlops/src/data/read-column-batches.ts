import type { Column } from '@nx-mlops/core';
import type { ColumnBatch } from '@nx-mlops/runtime';
import { SplitFile } from './split-file';

export interface ReadColumnBatchesOptions {
  /** Rows a batch, the last one apart; at least 1. */
  readonly batchRows: number;
  readonly signal?: AbortSignal;
}

/**
 * Columns of a Parquet file in batches, as `SplitFile.batches` gives them.
 *
 * @throws MlopsError MLOPS_SPLIT_UNREADABLE when the file is no Parquet file or lacks a column
 */
export async function* readColumnBatches(
  parquetFile: string,
  columns: readonly Column[],
  { batchRows, signal }: ReadColumnBatchesOptions,
): AsyncGenerator<ColumnBatch> {
  const file = await SplitFile.open(parquetFile, { signal });
  try {
    yield* file.batches(columns, { batchRows });
  } finally {
    await file.close();
  }
}
