import { type columnTypes, type ClassLabel, type Column } from '@nx-mlops/core';
import { sqlIdentifier, sqlString, withDuckDb } from '../data/duckdb';
import { maximumClasses } from './order-classes';

/** How the values of a column come out of DuckDB, alike in every reader of ours: whole numbers and dates included. */
const asLabel: Readonly<Record<(typeof columnTypes)[number], string>> = {
  string: 'VARCHAR',
  integer: 'DOUBLE',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'VARCHAR',
  datetime: 'VARCHAR',
};

/**
 * The distinct values of a column of a Parquet file, missing ones left out, in no particular order.
 * One more than the most classes that a model may have, at most.
 *
 * @throws the reason of the signal when that is aborted
 */
export function distinctValues(path: string, column: Column, signal: AbortSignal): Promise<ClassLabel[]> {
  return withDuckDb({ threads: 2, signal }, async (connection) => {
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT CAST(${sqlIdentifier(column.name)} AS ${asLabel[column.type]}) AS value
       FROM read_parquet(${sqlString(path)}, hive_partitioning = false)
       WHERE ${sqlIdentifier(column.name)} IS NOT NULL
       LIMIT ${maximumClasses + 1}`,
    );
    return reader.getRows().map(([value]) => value as ClassLabel);
  });
}
