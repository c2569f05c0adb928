import type { DuckDBConnection } from '@duckdb/node-api';
import { join } from 'node:path';
import { storedTypes } from './column-types';
import { sqlString } from './duckdb';
import { assertPresent, csvOptionsOf, openSource, type SourceTable } from './source-query';

/**
 * CSV files read together at most. DuckDB keeps what it knows of each file of a query, so that its memory grows with
 * their number.
 */
const FILES_AT_ONCE = 1000;

/**
 * The query that reads a source. Text is read once and kept as Parquet meanwhile, for DuckDB would look at all of it
 * again for each query.
 *
 * @param folder absolute; where the Parquet files go
 * @throws MlopsError as `openSource`
 */
export function sourceAsParquet(
  connection: DuckDBConnection,
  source: SourceTable,
  folder: string,
  name: string,
): Promise<string> {
  if (source.format === 'csv' && source.files.length > FILES_AT_ONCE) {
    return manyCsvFiles(connection, source, folder, name);
  }
  return openSource(connection, source, async (query) => {
    if (source.format === 'parquet') {
      await connection.run(`DESCRIBE ${query}`);
      return query;
    }
    const file = join(folder, `source-${name}.parquet`);
    await connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet)`);
    return readParquet([file]);
  });
}

/** In two passes, a thousand files at a time: what types the columns have in all files, then the rows. */
async function manyCsvFiles(
  connection: DuckDBConnection,
  source: SourceTable,
  folder: string,
  name: string,
): Promise<string> {
  const batches = batchesOf(source);
  const types = new Map<string, string>();
  for (const batch of batches) {
    const columns = await openSource(connection, batch, async (query) =>
      (await connection.runAndReadAll(`DESCRIBE ${query}`)).getRowObjects(),
    );
    for (const row of columns) {
      const [column, type] = [String(row['column_name']), String(row['column_type'])];
      types.set(column, commonType(types.get(column), type));
    }
  }
  assertPresent(source, [...types.keys()]);
  for (const [column, type] of Object.entries(source.types ?? {})) types.set(column, storedTypes[type]);
  const parts: string[] = [];
  for (const [index, batch] of batches.entries()) {
    const part = join(folder, `source-${name}-${index}.parquet`);
    await openSource(connection, batch, async () => {
      const options = await csvOptionsOf(batch);
      const files = `[${batch.files.map(sqlString).join(', ')}]`;
      const present = (
        await connection.runAndReadAll(
          `DESCRIBE SELECT * FROM read_csv(${files}, ${options}, all_varchar = true)`,
        )
      )
        .getRowObjects()
        .map((row) => String(row['column_name']));
      const given = present
        .map((column) => `${sqlString(column)}: ${sqlString(types.get(column) ?? 'VARCHAR')}`)
        .join(', ');
      await connection.run(
        `COPY (SELECT * FROM read_csv(${files}, ${options}, types = {${given}})) TO ${sqlString(part)} (FORMAT parquet)`,
      );
    });
    parts.push(part);
  }
  return readParquet(parts);
}

function batchesOf(source: SourceTable): SourceTable[] {
  const batches: SourceTable[] = [];
  for (let from = 0; from < source.files.length; from += FILES_AT_ONCE) {
    batches.push({ ...source, types: undefined, files: source.files.slice(from, from + FILES_AT_ONCE) });
  }
  return batches;
}

/** The narrowest of the types that a CSV reader finds which holds the values of both, their text kept. */
export function commonType(a: string | undefined, b: string): string {
  if (a === undefined || a === b) return b;
  const pair = [a, b].sort().join();
  if (pair === 'BIGINT,DOUBLE') return 'DOUBLE';
  if (pair === 'DATE,TIMESTAMP') return 'TIMESTAMP';
  return 'VARCHAR';
}

function readParquet(files: readonly string[]): string {
  return `SELECT * FROM read_parquet([${files.map(sqlString).join(', ')}], union_by_name = true)`;
}
