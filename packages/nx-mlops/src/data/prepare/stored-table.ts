import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '@nx-mlops/core';
import { preparedColumns, storedColumn, type QueryColumn } from '../column-types';
import { describeQuery } from './describe-query';
import { sqlIdentifier } from '../duckdb';

/** A query in the form in which splits are stored. */
export interface StoredTable {
  readonly columns: readonly Column[];
  /** Its rows and their order, each column in its stored type. */
  readonly query: string;
}

/**
 * Puts a query into the form in which splits are stored: one Parquet type for each column type.
 *
 * @param view name for a view of the query, to be used once in a connection
 * @param file where the query is, named in errors
 * @throws MlopsError MLOPS_PREPARE_SQL, MLOPS_COLUMN_TYPE, MLOPS_COLUMN_NAME; what DuckDB throws
 */
export async function storedTable(
  connection: DuckDBConnection,
  query: string,
  { view, file }: { readonly view: string; readonly file: string },
): Promise<StoredTable> {
  const raw = await describeQuery(connection, query, file);
  const columns = preparedColumns(raw, file);
  const stored = columns.map((column, index) => storedColumn(column, (raw[index] as QueryColumn).type));
  // A view, so that a final semicolon or comment of the query does no harm.
  await connection.run(`CREATE VIEW ${sqlIdentifier(view)} AS ${query}`);
  return { columns, query: `SELECT ${stored.join(', ')} FROM ${sqlIdentifier(view)}` };
}
