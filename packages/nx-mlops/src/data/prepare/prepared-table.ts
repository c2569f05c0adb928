import type { DuckDBConnection } from '@duckdb/node-api';
import { type Column, type DatasetConfig } from '@nx-mlops/core';
import { join } from 'node:path';
import { sqlIdentifier } from '../duckdb';
import { hashColumn, planSplits, type SplitPlan } from './split-plan';
import type { StoredTable } from './stored-table';
import { writeParquet } from './write-parquet';

/** The whole prepared table, from which the splits are taken. Written once, so that the query runs once. */
export interface PreparedTable {
  /** Absolute. */
  readonly file: string;
  readonly columns: readonly Column[];
  readonly plan: SplitPlan;
}

/**
 * Writes the prepared table, with the column that decides the split of a row where splits are by fraction.
 *
 * @param configFile named in errors
 * @throws MlopsError MLOPS_SPLIT_KEY; what DuckDB throws
 */
export async function writePreparedTable(
  connection: DuckDBConnection,
  { columns, query }: StoredTable,
  { config, configFile, folder }: { config: DatasetConfig; configFile: string; folder: string },
): Promise<PreparedTable> {
  const plan = planSplits(
    config,
    columns.map(({ name }) => name),
    configFile,
  );
  const hash = plan.hash === undefined ? '' : `, ${plan.hash} AS ${sqlIdentifier(hashColumn)}`;
  const file = join(folder, 'prepared.parquet');
  await writeParquet(connection, `SELECT *${hash} FROM (${query})`, file, columns.length);
  return { file, columns, plan };
}
