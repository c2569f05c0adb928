import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier } from '../sql-text';

/**
 * How often each row, or each key, of a split occurs, by its 64-bit hash: that two of a billion unequal ones share one is
 * a matter of a few per cent. Made once for all checks that compare rows, on disk where memory is short.
 */
export interface RowHashes {
  readonly table: SplitTable;
  readonly columns: readonly string[];
  /** SQL of the hash of a row of the split. */
  readonly hash: string;
  /** Table with the columns h and n. */
  readonly name: string;
}

/**
 * @param columns whose values make two rows the same
 * @param complete leaves rows out that lack one of the values: an unknown key is not the same as another unknown one
 */
export async function hashRows(
  connection: DuckDBConnection,
  table: SplitTable,
  columns: readonly string[],
  purpose: string,
  { complete = false }: { complete?: boolean } = {},
): Promise<RowHashes> {
  const present = columns.map((column) => `${sqlIdentifier(column)} IS NOT NULL`).join(' AND ');
  const hash = `hash(${columns.map(sqlIdentifier).join(', ')})`;
  const name = sqlIdentifier(`${purpose} of ${table.split}`);
  await connection.run(
    `CREATE TEMP TABLE ${name} AS SELECT ${hash} AS h, count(*) AS n FROM ${table.from} ${complete ? `WHERE ${present}` : ''} GROUP BY 1`,
  );
  return { table, columns, hash, name };
}

export interface Repetition {
  /** Rows beyond the first of each kind. */
  readonly repeating: number;
  /** Rows that share their kind with another one. */
  readonly shared: number;
}

export async function repetitionOf(connection: DuckDBConnection, { name }: RowHashes): Promise<Repetition> {
  const [row = []] = await rowsOf(
    connection,
    `SELECT coalesce(sum(n - 1), 0), coalesce(sum(n) FILTER (WHERE n > 1), 0) FROM ${name}`,
  );
  return { repeating: Number(row[0]), shared: Number(row[1]) };
}

/** Rows of the first that are in the second too. */
export async function sharedRows(connection: DuckDBConnection, a: RowHashes, b: RowHashes): Promise<number> {
  const [row = []] = await rowsOf(
    connection,
    `SELECT coalesce(sum(n), 0) FROM ${a.name} WHERE h IN (SELECT h FROM ${b.name})`,
  );
  return Number(row[0]);
}
