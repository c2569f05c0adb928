import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, suggestion, type ColumnType, type SourceEncoding } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { storedTypes } from '../column-types';
import { explainBrokenSource, broken } from './broken-source';
import { csvDialectOfFile } from './csv-dialect';
import { csvOptions } from './csv-options';
import { assertWholeGzip } from './gzip-check';
import { mapConcurrently } from '../map-concurrently';
import { sqlIdentifier, sqlString } from '../duckdb';
import type { SourceFormat } from './source-format';

/** Files that are read as one table. */
export interface SourceTable {
  readonly format: SourceFormat;
  /** Absolute, in the order in which their rows come. */
  readonly files: readonly string[];
  /** Columns that are read otherwise than they look, by name. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** Of CSV files. @default "utf-8" */
  readonly encoding?: SourceEncoding;
}

/** Files looked at together before they are read. */
const LOOKS_AT_ONCE = 8;

/**
 * Opens a source with the query that reads it: whole files are looked at for their column types, so a type never depends
 * on which rows come first; a CSV file has a header and the same number of cells in each line; columns of several files
 * are matched by name. Folder names such as `year=2001` are not read as columns, for they lie above the lock.
 *
 * @param open runs the query; text is best read once and kept in another form, for each query would look at all of it
 * @throws MlopsError MLOPS_SOURCE_BROKEN when a file is empty or cannot be read as its format, with the line where
 *   known; MLOPS_SOURCE_TYPES when `types` names a column that is not there
 */
export async function openSource<T>(
  connection: DuckDBConnection,
  source: SourceTable,
  open: (query: string) => Promise<T>,
): Promise<T> {
  await mapConcurrently(source.files, LOOKS_AT_ONCE, async (file) => {
    if ((await stat(file)).size === 0) throw broken(file, 'is empty.');
    if (file.endsWith('.gz')) await assertWholeGzip(file);
  });
  try {
    return await open(await queryOf(connection, source));
  } catch (error) {
    throw await explainBrokenSource(connection, source, error);
  }
}

function queryOf(connection: DuckDBConnection, source: SourceTable): Promise<string> {
  const files = `[${source.files.map(sqlString).join(', ')}]`;
  switch (source.format) {
    case 'parquet':
      return withCasts(
        connection,
        source,
        `read_parquet(${files}, union_by_name = true, hive_partitioning = false)`,
      );
    case 'jsonl':
      return withCasts(
        connection,
        source,
        `read_json(${files}, format = 'auto', sample_size = -1, union_by_name = true, hive_partitioning = false)`,
      );
    case 'csv':
      return csvQuery(connection, source, files);
  }
}

async function withCasts(connection: DuckDBConnection, source: SourceTable, table: string): Promise<string> {
  const types = Object.entries(source.types ?? {});
  if (types.length === 0) return `SELECT * FROM ${table}`;
  assertPresent(source, await columnsOf(connection, table));
  const casts = types.map(([name, type]) => {
    const column = sqlIdentifier(name);
    return `CAST(${column} AS ${storedTypes[type]}) AS ${column}`;
  });
  return `SELECT * REPLACE (${casts.join(', ')}) FROM ${table}`;
}

async function csvQuery(connection: DuckDBConnection, source: SourceTable, files: string): Promise<string> {
  const options = await csvOptionsOf(source);
  const types = Object.entries(source.types ?? {});
  if (types.length > 0) {
    assertPresent(source, await columnsOf(connection, `read_csv(${files}, ${options}, all_varchar = true)`));
  }
  const given = types.map(([name, type]) => `${sqlString(name)}: ${sqlString(storedTypes[type])}`).join(', ');
  return `SELECT * FROM read_csv(${files}, ${options}, sample_size = -1${given === '' ? '' : `, types = {${given}}`})`;
}

/** DuckDB refuses a type for a column that is not there, or passes it over; neither names the config. */
export function assertPresent(source: SourceTable, columns: readonly string[]): void {
  const unknown = Object.keys(source.types ?? {}).find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  throw new MlopsError(
    'MLOPS_SOURCE_TYPES',
    `"types" names the column "${unknown}", which is not there.${suggestion(unknown, columns)}`,
    { file: source.files[0] },
  );
}

/** Dialect and shape of a CSV source, all of it said, so that nothing is guessed from the rows. */
export async function csvOptionsOf({ files, encoding }: SourceTable): Promise<string> {
  const dialect = await csvDialectOfFile(files[0] as string, encoding);
  return `${csvOptions(dialect, encoding)}, union_by_name = true`;
}

async function columnsOf(connection: DuckDBConnection, table: string): Promise<string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`);
  return described.getRowObjects().map((row) => String(row['column_name']));
}

export { brief } from '../brief';
