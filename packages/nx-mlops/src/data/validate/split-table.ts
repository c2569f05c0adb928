import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { MOST_EXAMPLE_ROWS, type Column, type ExampleRow } from '@nx-mlops/core';
import { sqlIdentifier, sqlString } from '../sql-text';

/** A split as checks and profiles read it. */
export interface SplitTable {
  readonly split: string;
  /** SQL that reads the rows. */
  readonly from: string;
  readonly columns: readonly Column[];
  /** SQL of the number of a row in the file, from 1; undefined where a column has its name. */
  readonly rowNumber: string | undefined;
}

const ROW = 'file_row_number';

/**
 * @param file absolute path of the Parquet file
 * @param missingValues text that stands for a missing value
 */
export function splitTable(
  split: string,
  file: string,
  columns: readonly Column[],
  missingValues: readonly string[] = [],
): SplitTable {
  const numbered = columns.every(({ name }) => name.toLowerCase() !== ROW);
  const parquet = `read_parquet(${sqlString(file)}, hive_partitioning = false)`;
  const list = missingValues.map(sqlString).join(', ');
  const values = columns.map(({ name, type }) => {
    const column = sqlIdentifier(name);
    return type === 'string'
      ? `CASE WHEN ${column} NOT IN (${list}) THEN ${column} END AS ${column}`
      : column;
  });
  return {
    split,
    from:
      missingValues.length === 0
        ? parquet
        : `(SELECT ${[...values, ...(numbered ? [ROW] : [])].join(', ')} FROM ${parquet})`,
    columns,
    rowNumber: numbered ? `(${ROW} + 1)` : undefined,
  };
}

/** Part of the rows, always the same ones, about one in `every`; all of them for 1. */
export function everyKth({ from, rowNumber }: SplitTable, every: number): string {
  return every <= 1 || rowNumber === undefined ? from : `${from} WHERE hash(${rowNumber}) % ${every} = 0`;
}

/**
 * The first rows of the file that fulfil a condition, with their values in the given columns.
 *
 * @param condition SQL over the columns of the split
 */
export async function exampleRows(
  connection: DuckDBConnection,
  { from, rowNumber }: SplitTable,
  columns: readonly string[],
  condition: string,
): Promise<ExampleRow[]> {
  if (rowNumber === undefined) return [];
  const values = columns.map(sqlIdentifier);
  const rows = await rowsOf(
    connection,
    `SELECT ${[rowNumber, ...values].join(', ')} FROM ${from} WHERE ${condition} ORDER BY 1 LIMIT ${MOST_EXAMPLE_ROWS}`,
  );
  return rows.map(([row, ...cells]) => ({ row: Number(row), values: cellsOf(columns, cells) }));
}

export function cellsOf(columns: readonly string[], cells: readonly DuckDBValue[]): ExampleRow['values'] {
  return Object.fromEntries(columns.map((name, index) => [name, cellOf(cells[index] ?? null)]));
}

function cellOf(value: DuckDBValue): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return String(value);
}

export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
