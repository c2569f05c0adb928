import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlString } from '../duckdb';

/**
 * Cells of a row group at most, so that a wide table needs no more memory than a narrow one. DuckDB's own row group of
 * 122,880 rows holds up to 64 columns.
 */
const CELLS_OF_ROW_GROUP = 64 * 122_880;
const VECTOR_ROWS = 2048;

/** Rows of a Parquet row group, a multiple of DuckDB's vector size. */
export function rowGroupRows(columns: number): number {
  const rows = Math.min(122_880, Math.floor(CELLS_OF_ROW_GROUP / columns));
  return Math.max(VECTOR_ROWS, rows - (rows % VECTOR_ROWS));
}

/**
 * Writes the rows of a query as Parquet (zstd, in the order of the query). The same rows give the same bytes where one
 * thread runs the query.
 *
 * @returns the number of rows written
 */
export async function writeParquet(
  connection: DuckDBConnection,
  query: string,
  file: string,
  columns: number,
): Promise<number> {
  const result = await connection.run(
    `COPY (${query}\n) TO ${sqlString(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows(columns)})`,
  );
  return result.rowsChanged;
}
