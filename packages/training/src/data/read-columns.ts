import type { DuckDBDataChunk } from '@duckdb/node-api';
import { MlopsError, suggestion, type ColumnType, type RunSplit } from '@nx-mlops/core';
import { rowSelector } from '../random/select-rows';
import { seededRandom } from '../random/random';
import { identifier, query, scan, tableOf, withDatabase } from './database';

export interface ReadOptions {
  /** At most so many rows, chosen at random and kept in their order. All when left out. */
  readonly maxRows?: number;
  /** Of the choice of rows. @default the run's seed */
  readonly seed?: number;
}

/**
 * Values of a column: a string column's strings, `null` where missing; any other column's numbers, NaN where missing.
 * A boolean is 1 or 0, a date or datetime milliseconds since 1970. Integers beyond 2^53 lose their last digits.
 */
export type ColumnValues = Float64Array | (string | null)[];

/** Columns of a split as they stand in the data. */
export interface Columns {
  readonly rows: number;
  /** @throws MlopsError MLOPS_TRAINING_COLUMN_TYPE when the column holds strings */
  numbers(name: string): Float64Array;
  /** @throws MlopsError MLOPS_TRAINING_COLUMN_TYPE when the column holds no strings */
  strings(name: string): (string | null)[];
}

/**
 * Reads columns of a split into memory, streamed by DuckDB.
 *
 * @throws MlopsError MLOPS_TRAINING_UNKNOWN_COLUMN for a column that the split does not have
 */
export async function readColumns(
  split: RunSplit,
  names: readonly string[],
  { maxRows = Infinity, seed = 0 }: ReadOptions = {},
): Promise<Columns> {
  const types = names.map((name) => columnType(split, name));
  const rows = Math.min(split.rows, maxRows);
  const columns = types.map((type) => emptyColumn(type, rows));
  let row = 0;
  await withDatabase((connection) =>
    scanSelected(connection, split, { names, rows: split.rows, maxRows, seed }, (chunk, index) => {
      columns.forEach((values, column) => {
        const item = chunk.getColumnVector(column).getItem(index);
        if (Array.isArray(values)) values[row] = item as string | null;
        else values[row] = (item as number | null) ?? NaN;
      });
      row++;
    }),
  );
  return columnsOf(names, columns, rows);
}

interface Selection {
  readonly names: readonly string[];
  /** A SQL condition that a row must meet to be counted and chosen. */
  readonly where?: string;
  /** Rows that meet it. */
  readonly rows: number;
  readonly maxRows: number;
  readonly seed: number;
}

/** Visits the chosen rows of the named columns in the order of the file: strings, or numbers as doubles. */
export async function scanSelected(
  connection: Parameters<typeof scan>[0],
  split: RunSplit,
  { names, where, rows, maxRows, seed }: Selection,
  visit: (chunk: DuckDBDataChunk, index: number) => void,
): Promise<void> {
  const isChosen = rowSelector(rows, maxRows, seededRandom(seed, 'rows', split.dataset, split.split));
  const fields = names.map((name) => valueExpression(name, columnType(split, name)));
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const sql = `SELECT ${fields.join(', ')} FROM ${tableOf(split)}${condition}`;
  await scan(connection, split, sql, (chunk) => {
    for (let index = 0; index < chunk.rowCount; index++) if (isChosen()) visit(chunk, index);
  });
}

/** How many rows meet a SQL condition. */
export async function countRows(
  connection: Parameters<typeof query>[0],
  split: RunSplit,
  where: string,
): Promise<number> {
  const [row] = await query(connection, split, `SELECT count(*) FROM ${tableOf(split)} WHERE ${where}`);
  return Number(row?.[0]);
}

/** A column as SQL: a VARCHAR for strings, a DOUBLE for everything else. */
export function valueExpression(name: string, type: ColumnType): string {
  const column = identifier(name);
  switch (type) {
    case 'string':
      return `CAST(${column} AS VARCHAR)`;
    case 'integer':
    case 'number':
    case 'boolean':
      return `CAST(${column} AS DOUBLE)`;
    case 'date':
    case 'datetime':
      return `CAST(epoch_ms(CAST(${column} AS TIMESTAMP)) AS DOUBLE)`;
  }
}

/** @throws MlopsError MLOPS_TRAINING_UNKNOWN_COLUMN */
export function columnType(split: RunSplit, name: string): ColumnType {
  const column = split.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column.type;
  throw new MlopsError(
    'MLOPS_TRAINING_UNKNOWN_COLUMN',
    `The split "${split.dataset}:${split.split}" has no column "${name}".${suggestion(
      name,
      split.columns.map((candidate) => candidate.name),
    )}`,
  );
}

function emptyColumn(type: ColumnType, rows: number): ColumnValues {
  return type === 'string' ? new Array<string | null>(rows).fill(null) : new Float64Array(rows);
}

function columnsOf(names: readonly string[], columns: readonly ColumnValues[], rows: number): Columns {
  const valuesOf = (name: string): ColumnValues => {
    const values = columns[names.indexOf(name)];
    if (values !== undefined) return values;
    throw new MlopsError(
      'MLOPS_TRAINING_UNKNOWN_COLUMN',
      `The column "${name}" was not read.${suggestion(name, names)} Name it in readColumns.`,
    );
  };
  const wrongType = (name: string, holds: string, instead: string) =>
    new MlopsError('MLOPS_TRAINING_COLUMN_TYPE', `The column "${name}" holds ${holds}: use ${instead}.`);
  return {
    rows,
    numbers(name) {
      const values = valuesOf(name);
      if (Array.isArray(values)) throw wrongType(name, 'strings', `strings("${name}")`);
      return values;
    },
    strings(name) {
      const values = valuesOf(name);
      if (!Array.isArray(values)) throw wrongType(name, 'numbers', `numbers("${name}")`);
      return values;
    },
  };
}
