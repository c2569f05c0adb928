import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, messageOf, suggestion, type ColumnType } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { storedTypes } from './column-types';
import { csvDialectOfFile, type CsvDialect } from './csv-dialect';
import { sqlIdentifier, sqlString } from './duckdb';
import type { SourceFormat } from './source-format';

/** Files that are read as one table. */
export interface SourceTable {
  readonly format: SourceFormat;
  /** Absolute, in the order in which their rows come. */
  readonly files: readonly string[];
  /** Columns that are read otherwise than they look, by name. */
  readonly types?: Readonly<Record<string, ColumnType>>;
}

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
  for (const file of source.files) {
    if ((await stat(file)).size === 0) throw broken(file, 'is empty.');
  }
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
  const options = csvOptions(await csvDialectOfFile(source.files[0] as string));
  const types = Object.entries(source.types ?? {});
  if (types.length > 0) {
    assertPresent(source, await columnsOf(connection, `read_csv(${files}, ${options}, all_varchar = true)`));
  }
  const given = types.map(([name, type]) => `${sqlString(name)}: ${sqlString(storedTypes[type])}`).join(', ');
  return `SELECT * FROM read_csv(${files}, ${options}, sample_size = -1${given === '' ? '' : `, types = {${given}}`})`;
}

/** DuckDB refuses a type for a column that is not there, or passes it over; neither names the config. */
function assertPresent(source: SourceTable, columns: readonly string[]): void {
  const unknown = Object.keys(source.types ?? {}).find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  throw new MlopsError(
    'MLOPS_SOURCE_TYPES',
    `"types" names the column "${unknown}", which is not there.${suggestion(unknown, columns)}`,
    { file: source.files[0] },
  );
}

/** Dialect and shape, all of it said, so that nothing is guessed from the rows. */
function csvOptions({ delimiter }: CsvDialect): string {
  return `header = true, skip = 0, delim = ${sqlString(delimiter)}, quote = '"', escape = '"', comment = '', union_by_name = true, hive_partitioning = false`;
}

async function columnsOf(connection: DuckDBConnection, table: string): Promise<string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`);
  return described.getRowObjects().map((row) => String(row['column_name']));
}

/**
 * What is wrong with a source that DuckDB could not read. For CSV it reads each file once more as plain text with the
 * columns of its header, which names the line that does not fit.
 */
async function explainBrokenSource(
  connection: DuckDBConnection,
  source: SourceTable,
  cause: unknown,
): Promise<unknown> {
  if (cause instanceof MlopsError || !isReadError(cause)) return cause;
  if (source.format === 'csv') {
    for (const file of source.files) {
      const complaint = await complaintOfCsv(connection, file);
      if (complaint !== undefined) return broken(file, complaint, cause);
    }
  }
  const file = source.files.find((path) => messageOf(cause).includes(path)) ?? source.files[0] ?? '';
  return broken(file, `cannot be read as ${source.format}: ${brief(messageOf(cause))}`, cause);
}

/** An interrupt, a full disk or a lack of memory says nothing about the file. */
function isReadError(error: unknown): boolean {
  return /^(Invalid Input|Invalid|IO|Conversion|Binder|Serialization|Parser) ?\w* ?Error|CSV Error|Malformed JSON/i.test(
    messageOf(error),
  );
}

async function complaintOfCsv(connection: DuckDBConnection, file: string): Promise<string | undefined> {
  const dialect = await csvDialectOfFile(file);
  const columns = Array.from({ length: dialect.columns }, (_, index) => `c${index}`);
  try {
    await connection.run(
      `SELECT count(${columns.map(sqlIdentifier).join(') , count(')}) FROM read_csv(${sqlString(file)}, auto_detect = false, ${csvOptions(dialect).replace(', union_by_name = true', '')}, columns = {${columns.map((name) => `${sqlString(name)}: 'VARCHAR'`).join(', ')}})`,
    );
    return undefined;
  } catch (error) {
    if (!isReadError(error)) throw error;
    const line = /CSV Error on Line: (\d+)/.exec(messageOf(error))?.[1];
    const reason = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(messageOf(error));
    if (line !== undefined && reason !== null) {
      return `line ${line} has ${reason[2]} cells, the header has ${reason[1]}. Mend that line, or quote a cell that holds the delimiter.`;
    }
    return line === undefined
      ? `cannot be read as csv: ${brief(messageOf(error))}`
      : `line ${line}: ${brief(messageOf(error))}`;
  }
}

function broken(file: string, what: string, cause?: unknown): MlopsError {
  const wayOut = what.endsWith('empty.') ? ' Fetch it again, or take it out of the source.' : '';
  return new MlopsError('MLOPS_SOURCE_BROKEN', `${what}${wayOut}`, { file }, { cause });
}

/** DuckDB's messages run over many lines of settings and advice for its own users; the first ones say what happened. */
export function brief(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => /^(LINE \d+:|Possible|The search space|\s+file = )/.test(line));
  return lines
    .slice(0, end === -1 ? 4 : Math.max(1, Math.min(end, 4)))
    .map((line) => line.trim())
    .join('; ');
}
