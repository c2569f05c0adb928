import { defaultBatchRows } from '@nx-mlops/runtime';
import { SplitFile } from '../data/split-file';
import type { LocalSplit } from '../training/project-folder';
import { nameOfSplit } from './predict-split';
import { checkSomeWeight, groupReader, weightReader } from './row-readers';
import { sliceReaders, type SliceColumn } from './slice-columns';
import type { EvaluationColumns } from './split-columns';

/** What is known of the rows of a split without a model's answers. */
export interface DescribedRows {
  readonly weights?: Float64Array;
  readonly groups?: Uint32Array;
  readonly slices: readonly SliceColumn[];
}

/**
 * Reads weights, groups and slices of a split, for metrics that a script wrote for each row.
 *
 * @throws MlopsError MLOPS_WEIGHT, MLOPS_GROUP_MISSING, MLOPS_SLICE_VALUES, MLOPS_SLICE_SQL; the signal's reason
 */
export async function describeRows(
  split: LocalSplit,
  { weight, groupBy, slices: sources, configFile }: EvaluationColumns,
  signal: AbortSignal,
): Promise<DescribedRows> {
  const { rows } = split.manifest;
  const where = nameOfSplit(split);
  const weights = weight === undefined ? undefined : weightReader(weight, rows, where);
  const groups = groupBy === undefined ? undefined : groupReader(groupBy, rows, where);
  const file = await SplitFile.open(split.path, { signal });
  try {
    const { readers } = await sliceReaders(file, sources, { rows, where, configFile });
    const columns = [weight, groupBy].filter((column) => column !== undefined);
    const batches = file.batches(columns, {
      batchRows: defaultBatchRows,
      coded: readers.map(({ coded }) => coded),
    });
    let done = 0;
    for await (const batch of batches) {
      signal.throwIfAborted();
      if (weight !== undefined) weights?.take(batch.columns[weight.name] ?? [], done, batch.rows);
      if (groupBy !== undefined) groups?.take(batch.columns[groupBy.name] ?? [], done, batch.rows);
      for (const [index, reader] of readers.entries()) {
        const codes = batch.codes[index];
        if (codes !== undefined) reader.take(codes, done);
      }
      done += batch.rows;
    }
    if (weight !== undefined && weights !== undefined) checkSomeWeight(weights.values, weight, where);
    return {
      ...(weights === undefined ? {} : { weights: weights.values }),
      ...(groups === undefined ? {} : { groups: groups.values }),
      slices: readers.map(({ column }) => column),
    };
  } finally {
    await file.close();
  }
}
