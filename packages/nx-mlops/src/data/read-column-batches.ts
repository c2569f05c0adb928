import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { MlopsError, messageOf, type Column, type ColumnType } from '@nx-mlops/core';
import type { ColumnBatch } from '@nx-mlops/runtime';
import { openDuckDb, sqlIdentifier, sqlString } from './duckdb';

export interface ReadColumnBatchesOptions {
  /** Rows a batch, the last one apart; at least 1. */
  readonly batchRows: number;
  readonly signal?: AbortSignal;
}

/** A column of a batch under way: `set` puts one value, null when it is missing. */
interface Builder {
  readonly values: Float64Array | Float32Array | (string | null)[];
  set(row: number, value: DuckDBValue): void;
}

/**
 * Reads columns of a Parquet file in batches, in the order of its rows; memory is bounded by the batch.
 *
 * | column type | values | missing |
 * |---|---|---|
 * | integer, number | Float64Array; integers beyond 2^53 are rounded | NaN |
 * | boolean | Float32Array of 0 and 1 | NaN |
 * | string | strings | null |
 * | date, datetime | strings, `2001-01-31` and `2001-01-31 12:00:00` (UTC) | null |
 *
 * Every batch has arrays of its own, so it may be kept. Yields nothing for a file without rows.
 *
 * @param columns those wanted, in any order, with the type that they shall have
 * @throws MlopsError MLOPS_SPLIT_UNREADABLE when the file is no Parquet file or lacks a column
 */
export async function* readColumnBatches(
  parquetFile: string,
  columns: readonly Column[],
  options: ReadColumnBatchesOptions,
): AsyncGenerator<ColumnBatch> {
  const duckDb = await openDuckDb({ threads: 2, signal: options.signal });
  try {
    yield* batchesOf(duckDb.connection, parquetFile, columns, options);
  } catch (error) {
    const explained = duckDb.explain(error);
    const isKnown = explained !== error || options.signal?.aborted === true;
    throw isKnown ? explained : unreadable(error, parquetFile);
  } finally {
    await duckDb.close();
  }
}

async function* batchesOf(
  connection: DuckDBConnection,
  parquetFile: string,
  columns: readonly Column[],
  { batchRows, signal }: ReadColumnBatchesOptions,
): AsyncGenerator<ColumnBatch> {
  const table = `read_parquet(${sqlString(parquetFile)}, hive_partitioning = false)`;
  const categories = await categoriesOf(connection, table, columns);
  const selection = columns.map((column) => selected(column, categories.get(column.name)));
  const result = await connection.stream(`SELECT ${selection.join(', ')} FROM ${table}`);
  let builders = newBuilders(columns, batchRows);
  let filled = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
    let taken = 0;
    while (taken < chunk.rowCount) {
      const count = Math.min(chunk.rowCount - taken, batchRows - filled);
      fill(builders, filled, chunk, taken, count);
      taken += count;
      filled += count;
      if (filled === batchRows) {
        yield finished(columns, builders, filled);
        builders = newBuilders(columns, batchRows);
        filled = 0;
      }
    }
    signal?.throwIfAborted();
    chunk = await result.fetchChunk();
  }
  if (filled > 0) yield finished(columns, builders, filled);
}

/** Text columns of more distinct values are read as text: their dictionary would save nothing. */
const MOST_CATEGORIES = 4096;

/**
 * Distinct values of the text columns that have few. As an ENUM such a column comes as numbers into one list of strings,
 * where text is decoded and allocated row by row: three million rows with four such columns take 2 s less.
 */
async function categoriesOf(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
): Promise<Map<string, readonly string[]>> {
  const texts = columns.filter(({ type }) => type === 'string').map(({ name }) => name);
  if (texts.length === 0) return new Map();
  const counts = texts.map((name) => `approx_count_distinct(${sqlIdentifier(name)})`);
  const [counted = []] = (
    await connection.runAndReadAll(`SELECT ${counts.join(', ')} FROM ${table}`)
  ).getRows();
  const few = texts.filter((_, index) => Number(counted[index]) <= MOST_CATEGORIES);
  const categories = new Map<string, readonly string[]>();
  for (const name of few) {
    const column = sqlIdentifier(name);
    const distinct = await connection.runAndReadAll(
      `SELECT DISTINCT CAST(${column} AS VARCHAR) FROM ${table} WHERE ${column} IS NOT NULL`,
    );
    const values = distinct.getRows().map(([value]) => String(value));
    // A literal cannot hold the character 0.
    if (values.length > 0 && !values.some((value) => value.includes('\0'))) categories.set(name, values);
  }
  return categories;
}

function selected({ name, type }: Column, categories: readonly string[] | undefined): string {
  const column = sqlIdentifier(name);
  switch (type) {
    case 'integer':
    case 'number':
      return `CAST(${column} AS DOUBLE)`;
    case 'boolean':
      return `CAST(CAST(${column} AS BOOLEAN) AS FLOAT)`;
    case 'string':
      return categories === undefined
        ? `CAST(${column} AS VARCHAR)`
        : `CAST(CAST(${column} AS VARCHAR) AS ENUM (${categories.map(sqlString).join(', ')}))`;
    case 'date':
    case 'datetime':
      return `CAST(${column} AS VARCHAR)`;
  }
}

function newBuilders(columns: readonly Column[], rows: number): Builder[] {
  return columns.map(({ type }) => newBuilder(type, rows));
}

function newBuilder(type: ColumnType, rows: number): Builder {
  switch (type) {
    case 'integer':
    case 'number':
      return numbersInto(new Float64Array(rows));
    case 'boolean':
      return numbersInto(new Float32Array(rows));
    case 'string':
    case 'date':
    case 'datetime': {
      const values = new Array<string | null>(rows);
      return {
        values,
        set(row, value) {
          values[row] = value as string | null;
        },
      };
    }
  }
}

function numbersInto(values: Float64Array | Float32Array): Builder {
  return {
    values,
    set(row, value) {
      values[row] = value === null ? NaN : (value as number);
    },
  };
}

function fill(
  builders: readonly Builder[],
  at: number,
  chunk: DuckDBDataChunk,
  from: number,
  count: number,
): void {
  builders.forEach((builder, index) => {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < count; row += 1) {
      builder.set(at + row, vector.getItem(from + row) as DuckDBValue);
    }
  });
}

function finished(columns: readonly Column[], builders: readonly Builder[], rows: number): ColumnBatch {
  return {
    rows,
    columns: Object.fromEntries(
      columns.map(({ name }, index) => [name, (builders[index] as Builder).values.slice(0, rows)]),
    ),
  };
}

function unreadable(error: unknown, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_UNREADABLE',
    `cannot be read as the columns that its manifest says. Run the "prepare" target of its dataset with --skip-nx-cache. (${messageOf(error).split('\n', 1)[0]})`,
    { file },
    { cause: error },
  );
}
