import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, messageOf } from '@nx-mlops/core';
import { brief } from '../brief';
import { storedTypes } from '../column-types';
import { csvDialectOfFile, csvNamesOfFile } from './csv-dialect';
import { csvOptions } from './csv-options';
import { sqlIdentifier, sqlString } from '../duckdb';
import type { SourceTable } from './source-query';

/**
 * What is wrong with a source that DuckDB could not read. For CSV it reads the file once more as text with the columns
 * of its header, and takes the first line that does not fit from what the reader rejects.
 */
export async function explainBrokenSource(
  connection: DuckDBConnection,
  source: SourceTable,
  cause: unknown,
): Promise<unknown> {
  if (cause instanceof MlopsError || !isReadError(cause)) return cause;
  const message = messageOf(cause);
  const named = source.files.find((path) => message.includes(path));
  if (source.format === 'csv') {
    for (const file of named === undefined ? source.files : [named]) {
      const complaint = await complaintOfCsv(connection, source, file);
      if (complaint !== undefined) return broken(file, complaint, cause);
    }
  }
  const file = named ?? source.files[0] ?? '';
  return broken(file, `cannot be read as ${source.format}: ${brief(message)}`, cause);
}

/**
 * Finds the Parquet file whose rows cannot be read. A damaged one is noticed only while a query reads the damaged page, and
 * the message says nothing of the file.
 *
 * @returns undefined when the failure has nothing to do with reading, or all files can be read
 */
export async function brokenParquet(
  connection: DuckDBConnection,
  tables: Iterable<SourceTable>,
  cause: unknown,
): Promise<MlopsError | undefined> {
  if (cause instanceof MlopsError || !/^(Invalid|IO|Serialization) ?\w* ?Error/i.test(messageOf(cause))) {
    return undefined;
  }
  for (const { format, files } of tables) {
    for (const file of format === 'parquet' ? files : []) {
      try {
        await connection.run(`SELECT count(hash(row)) FROM read_parquet(${sqlString(file)}) row`);
      } catch (error) {
        if (!isReadError(error)) return undefined;
        return broken(file, `cannot be read as parquet: ${brief(messageOf(error))}. Fetch it again.`, error);
      }
    }
  }
  return undefined;
}

export function broken(file: string, what: string, cause?: unknown): MlopsError {
  const wayOut = what.endsWith('empty.') ? ' Fetch it again, or take it out of the source.' : '';
  return new MlopsError('MLOPS_SOURCE_BROKEN', `${what}${wayOut}`, { file }, { cause });
}

/** An interrupt, a full disk or a lack of memory says nothing about the file. */
function isReadError(error: unknown): boolean {
  const message = messageOf(error);
  return (
    /^(Invalid Input|Invalid|IO|Conversion|Binder|Serialization|Parser) ?\w* ?Error|CSV Error|Malformed JSON/i.test(
      message,
    ) && !/No space left/i.test(message)
  );
}

async function complaintOfCsv(
  connection: DuckDBConnection,
  { types = {}, encoding }: SourceTable,
  file: string,
): Promise<string | undefined> {
  const dialect = await csvDialectOfFile(file, encoding);
  const names = await csvNamesOfFile(file, dialect, encoding);
  const columns = names.map(
    (name) =>
      `${sqlString(name)}: ${sqlString(types[name] === undefined ? 'VARCHAR' : storedTypes[types[name]])}`,
  );
  try {
    await connection.run(
      `SELECT count(${names.map(sqlIdentifier).join('), count(')}) FROM read_csv(${sqlString(file)}, auto_detect = false, ${csvOptions(dialect, encoding)}, columns = {${columns.join(', ')}}, store_rejects = true, rejects_table = 'csv_rejects', rejects_scan = 'csv_rejects_scan')`,
    );
    const found = await connection.runAndReadAll(
      'SELECT line, column_name, error_type, error_message, byte_position FROM csv_rejects ORDER BY line, column_idx LIMIT 1',
    );
    const [reject] = found.getRowObjectsJson();
    return reject === undefined ? undefined : complaintOf(reject as unknown as Reject, names);
  } catch (error) {
    if (!isReadError(error)) throw error;
    return `cannot be read as csv: ${brief(messageOf(error))}`;
  } finally {
    await connection.run('DROP TABLE IF EXISTS csv_rejects; DROP TABLE IF EXISTS csv_rejects_scan');
  }
}

/** A row of DuckDB's table of rejects, as JSON gives it. */
interface Reject {
  readonly line: string;
  readonly column_name: string | null;
  readonly error_type: string;
  readonly error_message: string;
  readonly byte_position: string | null;
}

function complaintOf(reject: Reject, names: readonly string[]): string {
  const column = reject.column_name === null ? '' : `, column "${reject.column_name}"`;
  const at = `line ${reject.line}${column}`;
  switch (reject.error_type) {
    case 'MISSING COLUMNS':
    case 'TOO MANY COLUMNS': {
      const cells = /Found: (\d+)/.exec(reject.error_message)?.[1] ?? 'other';
      const missing =
        reject.column_name === null ? '' : `; the first that is missing is "${reject.column_name}"`;
      return `line ${reject.line} has ${cells} ${cells === '1' ? 'cell' : 'cells'}, the header has ${names.length}${missing}. Mend that line, or quote a cell that holds the delimiter.`;
    }
    case 'UNQUOTED VALUE':
      return `${at}: the quotes of the cell do not fit. Write a quote inside a quoted cell twice, and end the cell with one.`;
    case 'INVALID ENCODING':
      return `${at}${reject.byte_position === null ? '' : `, near byte ${reject.byte_position}`}: is not UTF-8. If the file is in Latin-1 or UTF-16, add "encoding": "latin-1" or "utf-16" to the source; else store it as UTF-8.`;
    case 'CAST':
      return `${at}: ${reject.error_message.replace(/^Error when converting column "[^"]*"\. /, '').replace(/\.?$/, '.')} Mend the cell, or the source's "types".`;
    default:
      return `${at}: ${brief(reject.error_message)}`;
  }
}
