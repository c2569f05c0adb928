import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, messageOf, type Column } from '@nx-mlops/core';
import { join } from 'node:path';
import { sqlIdentifier, sqlString } from '../duckdb';
import { nearestColumn } from './prepare-sql';
import type { PreparedTable } from './prepared-table';
import { brief } from '../brief';
import type { PlannedSplit } from './split-plan';
import { writeParquet } from './write-parquet';

/** A split as a file of its own, ready for the store. */
export interface WrittenSplit {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly Column[];
}

/**
 * Divides the prepared table by the rules of the config.
 *
 * @param configFile named in errors
 * @throws MlopsError MLOPS_SPLIT_CONDITION, MLOPS_SPLIT_EMPTY
 */
export async function writeSplits(
  connection: DuckDBConnection,
  { file: prepared, columns, plan }: PreparedTable,
  folder: string,
  configFile: string,
): Promise<WrittenSplit[]> {
  const written: WrittenSplit[] = [];
  const names = columns.map(({ name }) => name);
  for (const [index, split] of plan.splits.entries()) {
    const file = join(folder, `split-${index}.parquet`);
    const query = `SELECT ${names.map(sqlIdentifier).join(', ')} FROM read_parquet(${sqlString(prepared)}) WHERE ${split.where}`;
    const rows = await writeParquet(connection, query, file, columns.length).catch((error: unknown) => {
      throw explainCondition(error, split, names, configFile);
    });
    if (rows === 0) throw emptySplit(split, configFile);
    written.push({ name: split.name, file, rows, columns });
  }
  return written;
}

function explainCondition(
  error: unknown,
  split: PlannedSplit,
  columns: readonly string[],
  file: string,
): unknown {
  const message = messageOf(error);
  if (split.by === 'fraction' || !/^(Parser|Binder|Catalog|Conversion|Invalid Input) Error/.test(message)) {
    return error;
  }
  return new MlopsError(
    'MLOPS_SPLIT_CONDITION',
    `DuckDB says: ${brief(message)}. The condition may use the prepared columns: ${columns.join(', ')}.${nearestColumn(message, columns)}`,
    { file, path: `splits.${split.name}.where` },
    { cause: error },
  );
}

function emptySplit(split: PlannedSplit, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_EMPTY',
    split.by === 'condition'
      ? 'no row of the prepared table fulfils its condition. Mend the condition, or take the split out.'
      : 'no row falls into it. The prepared table is empty or has too few rows (or different keys) for this fraction.',
    { file, path: `splits.${split.name}` },
  );
}
