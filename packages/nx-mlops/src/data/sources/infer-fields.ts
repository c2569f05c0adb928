import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, messageOf, type ColumnType, type FieldConfig } from '@nx-mlops/core';
import { columnTypeOf } from '../column-types';
import { sqlIdentifier, withDuckDb } from '../duckdb';
import { formatOfSource, type SourceFormat } from './source-format';
import { brief, openSource } from './source-query';

/** What a look at raw data tells of its columns. */
export interface InferredTable {
  readonly rows: number;
  /** Columns that a model can take, in the order of the file. */
  readonly fields: readonly FieldConfig[];
  /** `types` of the source: text columns that a later file may make look like numbers, such as postal codes. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Nested or binary columns, which a prepare SQL has to leave out or take apart. */
  readonly unusable: readonly { readonly name: string; readonly type: string }[];
}

/** A prepare SQL whose result the schema is to describe instead of the source itself. */
export interface PrepareQuery {
  /** Name of the source, which is its table in the SQL. */
  readonly source: string;
  readonly sql: string;
}

/** Fewer rows without a gap say little about the next ones. */
const ROWS_FOR_REQUIRED = 100;

/** No source can have this name, for names of sources hold no space. */
const RAW = 'raw table';

/**
 * The schema that the data suggests: names and types, and `required` for columns without a gap in a hundred rows or
 * more. Ranges and lists of values are left to people: the next month's data has every right to leave them.
 *
 * @param files absolute, read as one table
 * @param format told from the extension when left out
 * @param prepare describes its result rather than the files
 * @throws MlopsError MLOPS_SOURCE_FORMAT, MLOPS_SOURCE_BROKEN, MLOPS_PREPARE_SQL
 */
export async function inferFields(
  files: string | readonly string[],
  format?: SourceFormat,
  prepare?: PrepareQuery,
): Promise<InferredTable> {
  const paths = typeof files === 'string' ? [files] : files;
  const table = {
    files: paths,
    format: formatOfSource(paths, format, { file: paths[0] ?? '', path: '' }),
  };
  return withDuckDb({ threads: 2 }, async (connection) => {
    const source = `SELECT * FROM ${sqlIdentifier(RAW)}`;
    await openSource(connection, table, (query) =>
      connection.run(
        `CREATE TEMP ${table.format === 'parquet' ? 'VIEW' : 'TABLE'} ${sqlIdentifier(RAW)} AS ${query}`,
      ),
    );
    const query = prepare === undefined ? source : await preparedQuery(connection, source, prepare);
    const columns = await typedColumns(connection, query);
    const usable = columns.filter((column) => column.type !== undefined);
    const { rows, present } = await countPresent(connection, query, usable);
    const raw = query === source ? usable : await typedColumns(connection, source);
    const types = table.format === 'csv' ? await codes(connection, source, raw) : {};
    return {
      rows,
      fields: usable.map(({ name, type }, index) => ({
        name,
        type: type as ColumnType,
        ...(rows >= ROWS_FOR_REQUIRED && present[index] === rows ? { constraints: { required: true } } : {}),
      })),
      types,
      unusable: columns
        .filter((column) => column.type === undefined)
        .map(({ name, sqlType }) => ({ name, type: sqlType })),
    };
  });
}

/** Through a view, so that a final semicolon or comment of the SQL does no harm. */
async function preparedQuery(
  connection: DuckDBConnection,
  source: string,
  { source: name, sql }: PrepareQuery,
): Promise<string> {
  try {
    await connection.run(`CREATE VIEW ${sqlIdentifier(name)} AS ${source}`);
    await connection.run(`CREATE VIEW "prepared table" AS ${sql}`);
  } catch (error) {
    throw new MlopsError(
      'MLOPS_PREPARE_SQL',
      `The prepare SQL cannot be used; it must be one SELECT, over the table ${sqlIdentifier(name)}. DuckDB says: ${brief(messageOf(error))}`,
      {},
      { cause: error },
    );
  }
  return 'SELECT * FROM "prepared table"';
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

/**
 * Text columns of digits only: they are text because some number begins with a zero, and would be integers in the first
 * file without one.
 */
async function codes(
  connection: DuckDBConnection,
  query: string,
  columns: readonly TypedColumn[],
): Promise<Record<string, ColumnType>> {
  const text = columns.filter(({ type }) => type === 'string');
  if (text.length === 0) return {};
  const digits = text.map(({ name }) => `bool_and(regexp_full_match(${sqlIdentifier(name)}, '[+-]?[0-9]+'))`);
  const result = await connection.runAndReadAll(`SELECT ${digits.join(', ')} FROM (${query})`);
  const verdicts = result.getRows()[0] ?? [];
  return Object.fromEntries(
    text.filter((_, index) => verdicts[index] === true).map(({ name }) => [name, 'string' as const]),
  );
}
