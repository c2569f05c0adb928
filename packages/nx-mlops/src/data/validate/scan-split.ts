import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DistinctSketch, type Column } from '@nx-mlops/core';
import { rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier } from '../sql-text';

/** Aggregates of one query, so that a wide table needs no more memory than a narrow one. */
const AGGREGATES_OF_QUERY = 200;
const MOMENTS_OF_QUERY = 60;
/** Columns with about as many distinct values or fewer are counted value by value. */
export const FEW_VALUES = 2000;
const REST_MASK = (1n << 52n) - 1n;

export type Value = string | number | boolean;

/** A value of a column with the rows that hold it. Dates and times are text. */
export interface ValueCount {
  readonly value: Value;
  readonly rows: number;
}

/** What one look at a column tells. */
export interface ColumnFacts extends Column {
  readonly missing: number;
  /** Of finite numbers, of text and of dates as text; undefined without any, and for booleans. */
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly sketch: DistinctSketch;
  /** Each value with its rows, falling, where there are few. Infinite numbers are among them. */
  readonly values?: readonly ValueCount[];
  /** Numbers that are neither missing nor infinite: how many, their mean and sum of squared deviations. */
  readonly moments?: { readonly finite: number; readonly mean: number; readonly squaredDeviations: number };
}

export interface SplitFacts {
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  /** Rows that fulfil each of the conditions asked about. */
  readonly counts: readonly number[];
}

/**
 * Looks at all rows of a split: once for counts, extremes and the conditions of all checks together, once more for the
 * values of each column. Columns are stored apart, so the second costs what one look at the whole file does. Nothing here
 * depends on the order of rows, so several threads give the same, but for sums of floats, which run on one.
 *
 * @param conditions SQL, counted where true
 * @param threads to read with; the connection has as many afterwards
 */
export async function scanSplit(
  connection: DuckDBConnection,
  table: SplitTable,
  conditions: readonly string[],
  threads: number,
): Promise<SplitFacts> {
  const { rows, columns, counts } = await overview(connection, table, conditions);
  const facts: ColumnFacts[] = [];
  for (const { column, missing, minimum, maximum, approximate } of columns) {
    const counted = await valuesOf(connection, table, column, approximate);
    const values = counted.values;
    facts.push({
      ...column,
      missing,
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      sketch: counted.sketch,
      ...(values === undefined ? {} : { values }),
      ...(isNumeric(column) && values !== undefined ? { moments: momentsOfValues(values) } : {}),
    });
  }
  const rest = facts.filter((column) => isNumeric(column) && column.values === undefined);
  const moments = await momentsOfColumns(connection, table, rest, threads);
  return {
    rows,
    counts,
    columns: facts.map((column) => {
      const found = moments.get(column.name);
      return found === undefined ? column : { ...column, moments: found };
    }),
  };
}

export function isNumeric({ type }: Pick<Column, 'type'>): boolean {
  return type === 'integer' || type === 'number';
}

/** The value as far as figures go: a double, which is what a profile can hold, and no infinity. */
export function measured({ name, type }: Pick<Column, 'name' | 'type'>): string {
  const value = `CAST(${sqlIdentifier(name)} AS DOUBLE)`;
  return type === 'number' ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
}

interface Overview {
  readonly column: Column;
  readonly missing: number;
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  /** Distinct values, within a few per cent. */
  readonly approximate: number;
}

async function overview(
  connection: DuckDBConnection,
  { from, columns }: SplitTable,
  conditions: readonly string[],
): Promise<{ rows: number; columns: Overview[]; counts: number[] }> {
  const perColumn = columns.flatMap((column) => {
    const name = sqlIdentifier(column.name);
    const value = isNumeric(column) ? measured(column) : name;
    const extreme = (least: 'min' | 'max') =>
      column.type === 'boolean'
        ? 'NULL'
        : isNumeric(column)
          ? `${least}(${value})`
          : `CAST(${least}(${name}) AS VARCHAR)`;
    return [`count(${name})`, `approx_count_distinct(${name})`, extreme('min'), extreme('max')];
  });
  const aggregates = [
    'count(*)',
    ...perColumn,
    ...conditions.map((condition) => `count(*) FILTER (WHERE ${condition})`),
  ];
  const cells: DuckDBValue[] = [];
  for (let start = 0; start < aggregates.length; start += AGGREGATES_OF_QUERY) {
    const part = aggregates.slice(start, start + AGGREGATES_OF_QUERY);
    cells.push(...((await rowsOf(connection, `SELECT ${part.join(', ')} FROM ${from}`))[0] ?? []));
  }
  const rows = Number(cells[0]);
  return {
    rows,
    columns: columns.map((column, index) => {
      const [present, approximate, minimum, maximum] = cells.slice(1 + index * 4, 5 + index * 4);
      return {
        column,
        missing: rows - Number(present),
        approximate: Number(approximate),
        minimum: extremeOf(minimum),
        maximum: extremeOf(maximum),
      };
    }),
    counts: cells.slice(1 + columns.length * 4).map(Number),
  };
}

function extremeOf(value: DuckDBValue | undefined): number | string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'number' ? value : String(value);
}

async function valuesOf(
  connection: DuckDBConnection,
  { from }: SplitTable,
  column: Column,
  approximate: number,
): Promise<{ values?: ValueCount[]; sketch: DistinctSketch }> {
  const sketch = DistinctSketch.empty();
  const name = sqlIdentifier(column.name);
  // Adding zero makes the two zeros of floats one.
  const key = column.type === 'number' ? `${name} + 0.0` : name;
  if (approximate > FEW_VALUES) {
    const registers = await rowsOf(
      connection,
      `SELECT h >> 52, min(h & ${REST_MASK}::UBIGINT) FROM (SELECT hash(${key}) AS h FROM ${from} WHERE ${name} IS NOT NULL) GROUP BY 1`,
    );
    for (const [index, rest] of registers) sketch.addHash(Number(index), BigInt(rest as bigint));
    return { sketch };
  }
  const shown = column.type === 'date' || column.type === 'datetime' ? 'CAST(v AS VARCHAR)' : 'v';
  const rows = await rowsOf(
    connection,
    `SELECT ${shown}, n, hash(v) FROM (SELECT ${key} AS v, count(*) AS n FROM ${from} WHERE ${name} IS NOT NULL GROUP BY 1)`,
  );
  const values = rows.map(([value, count, hash]): ValueCount => {
    sketch.addHash(Number((hash as bigint) >> 52n), (hash as bigint) & REST_MASK);
    return { value: typeof value === 'bigint' ? Number(value) : (value as Value), rows: Number(count) };
  });
  return { values: values.sort(byFrequency), sketch };
}

/** Falling; equally frequent ones by their value, text by its UTF-8 bytes. */
function byFrequency(a: ValueCount, b: ValueCount): number {
  return b.rows - a.rows || compareValues(a.value, b.value);
}

export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** In the order of the values, so that equal counts give equal bytes. */
function momentsOfValues(values: readonly ValueCount[]): NonNullable<ColumnFacts['moments']> {
  const numbers = values
    .map(({ value, rows }) => ({ value: Number(value), rows }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => a.value - b.value);
  const finite = numbers.reduce((sum, { rows }) => sum + rows, 0);
  const mean = finite === 0 ? 0 : numbers.reduce((sum, { value, rows }) => sum + value * (rows / finite), 0);
  const squaredDeviations = numbers.reduce((sum, { value, rows }) => sum + rows * (value - mean) ** 2, 0);
  return { finite, mean, squaredDeviations };
}

async function momentsOfColumns(
  connection: DuckDBConnection,
  { from }: SplitTable,
  columns: readonly Column[],
  threads: number,
): Promise<Map<string, NonNullable<ColumnFacts['moments']>>> {
  const moments = new Map<string, NonNullable<ColumnFacts['moments']>>();
  if (columns.length === 0) return moments;
  // The last bits of a float sum depend on how the rows were shared out.
  await connection.run('SET threads = 1');
  try {
    for (let start = 0; start < columns.length; start += MOMENTS_OF_QUERY) {
      const part = columns.slice(start, start + MOMENTS_OF_QUERY);
      const aggregates = part.flatMap((column) => {
        const value = measured(column);
        return [`count(${value})`, `favg(${value})`, `var_pop(${value})`];
      });
      const [cells = []] = await rowsOf(connection, `SELECT ${aggregates.join(', ')} FROM ${from}`);
      part.forEach(({ name }, index) => {
        const [finite, mean, variance] = cells.slice(index * 3, index * 3 + 3).map(Number);
        moments.set(name, {
          finite: finite ?? 0,
          mean: mean ?? 0,
          squaredDeviations: (variance ?? 0) * (finite ?? 0),
        });
      });
    }
  } finally {
    await connection.run(`SET threads = ${threads}`);
  }
  return moments;
}
