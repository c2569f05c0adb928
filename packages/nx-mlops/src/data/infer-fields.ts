import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType, FieldConfig } from '@nx-mlops/core';
import { columnTypeOf } from './column-types';
import { csvDialectOfFile } from './csv-dialect';
import { sqlIdentifier, sqlString, withDuckDb } from './duckdb';
import { formatOfSource, type SourceFormat } from './source-format';
import { csvOptions, sourceQuery } from './source-query';

/** What a look at raw data tells of its columns. */
export interface InferredTable {
  readonly rows: number;
  /** Columns that a model can take, in the order of the file. */
  readonly fields: readonly FieldConfig[];
  /** `types` of the source: columns whose look deceives, such as postal codes with leading zeros. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Nested or binary columns, which a prepare SQL has to leave out or take apart. */
  readonly unusable: readonly { readonly name: string; readonly type: string }[];
}

/** Fewer rows without a gap say little about the next ones. */
const ROWS_FOR_REQUIRED = 100;

/**
 * The schema that the data suggests: names and types, and `required` for columns without a gap in a hundred rows or
 * more. Ranges and lists of values are left to people: the next month's data has every right to leave them.
 *
 * @param files absolute, read as one table
 * @param format told from the extension when left out
 * @throws MlopsError MLOPS_SOURCE_FORMAT, MLOPS_SOURCE_BROKEN
 */
export async function inferFields(
  files: string | readonly string[],
  format?: SourceFormat,
): Promise<InferredTable> {
  const paths = typeof files === 'string' ? [files] : files;
  const table = {
    files: paths,
    format: formatOfSource(paths, format, { file: paths[0] ?? '', path: '' }),
  };
  return withDuckDb({ threads: 2 }, async (connection) => {
    const query = await sourceQuery(connection, table);
    const columns = await typedColumns(connection, query);
    const usable = columns.filter((column) => column.type !== undefined);
    const { rows, present } = await countPresent(connection, query, usable);
    const types = table.format === 'csv' ? await deceptiveColumns(connection, table, usable) : {};
    return {
      rows,
      fields: usable.map(({ name, type }, index) => ({
        name,
        type: types[name] ?? (type as ColumnType),
        ...(rows >= ROWS_FOR_REQUIRED && present[index] === rows ? { constraints: { required: true } } : {}),
      })),
      types,
      unusable: columns
        .filter((column) => column.type === undefined)
        .map(({ name, sqlType }) => ({ name, type: sqlType })),
    };
  });
}

interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType | undefined;
  readonly sqlType: string;
}

async function typedColumns(connection: DuckDBConnection, query: string): Promise<TypedColumn[]> {
  const statement = await connection.prepare(query);
  try {
    return Array.from({ length: statement.columnCount }, (_, index) => ({
      name: statement.columnName(index),
      type: columnTypeOf(statement.columnType(index)),
      sqlType: statement.columnType(index).toString(),
    }));
  } finally {
    statement.destroySync();
  }
}

async function countPresent(
  connection: DuckDBConnection,
  query: string,
  columns: readonly TypedColumn[],
): Promise<{ rows: number; present: number[] }> {
  const counts = ['count(*)', ...columns.map(({ name }) => `count(${sqlIdentifier(name)})`)];
  const result = await connection.runAndReadAll(`SELECT ${counts.join(', ')} FROM (${query})`);
  const [rows = 0, ...present] = (result.getRows()[0] ?? []).map(Number);
  return { rows, present };
}

/** Columns that look like whole numbers but are codes: some value begins with a zero and goes on. */
async function deceptiveColumns(
  connection: DuckDBConnection,
  table: { readonly files: readonly string[] },
  columns: readonly TypedColumn[],
): Promise<Record<string, ColumnType>> {
  const whole = columns.filter(({ type }) => type === 'integer');
  if (whole.length === 0) return {};
  const options = csvOptions(await csvDialectOfFile(table.files[0] as string));
  const padded = whole.map(
    ({ name }) => `count(*) FILTER (WHERE regexp_full_match(${sqlIdentifier(name)}, '0[0-9]+'))`,
  );
  const result = await connection.runAndReadAll(
    `SELECT ${padded.join(', ')} FROM read_csv([${table.files.map(sqlString).join(', ')}], ${options}, all_varchar = true)`,
  );
  const counts = (result.getRows()[0] ?? []).map(Number);
  return Object.fromEntries(
    whole.filter((_, index) => (counts[index] ?? 0) > 0).map(({ name }) => [name, 'string' as const]),
  );
}
