import type { DuckDBConnection } from '@duckdb/node-api';
import { join } from 'node:path';
import { explainBrokenSource } from './broken-source';
import { storedTypes } from '../column-types';
import { sqlString } from '../duckdb';
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
  const batches: { readonly source: SourceTable; readonly columns: readonly string[] }[] = [];
  const types = new Map<string, string>();
  for (const batch of batchesOf(source)) {
    const described = await openSource(connection, batch, async (query) =>
      (await connection.runAndReadAll(`DESCRIBE ${query}`)).getRowObjects(),
    );
    const columns = described.map((row) => String(row['column_name']));
    batches.push({ source: batch, columns });
    for (const [index, column] of columns.entries()) {
      types.set(column, commonType(types.get(column), String(described[index]?.['column_type'])));
    }
  }
  assertPresent(source, [...types.keys()]);
  for (const [column, type] of Object.entries(source.types ?? {})) types.set(column, storedTypes[type]);
  const parts: string[] = [];
  for (const [index, batch] of batches.entries()) {
    const part = join(folder, `source-${name}-${index}.parquet`);
    await copyBatch(connection, batch.source, pick(types, batch.columns), part);
    parts.push(part);
  }
  return readParquet(parts);
}

async function copyBatch(
  connection: DuckDBConnection,
  batch: SourceTable,
  types: ReadonlyMap<string, string>,
  part: string,
): Promise<void> {
  const given = [...types].map(([column, type]) => `${sqlString(column)}: ${sqlString(type)}`).join(', ');
  const files = batch.files.map(sqlString).join(', ');
  try {
    await connection.run(
      `COPY (SELECT * FROM read_csv([${files}], ${await csvOptionsOf(batch)}, types = {${given}})) TO ${sqlString(part)} (FORMAT parquet)`,
    );
  } catch (error) {
    throw await explainBrokenSource(connection, batch, error);
  }
}

function pick(types: ReadonlyMap<string, string>, columns: readonly string[]): Map<string, string> {
  return new Map(columns.map((column) => [column, types.get(column) ?? 'VARCHAR']));
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
