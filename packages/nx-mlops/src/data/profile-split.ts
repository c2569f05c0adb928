import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Column, ColumnProfile, Profile, SplitManifest } from '@nx-mlops/core';
import type { SplitTable } from './check-split';
import { sqlIdentifier } from './sql-text';

/** Columns of one query, so that a wide table needs no more memory than a narrow one. */
const COLUMNS_OF_QUERY = 16;
/** Bins of equal mass that a histogram aims at. */
const BINS = 20;
/** Above it, edges are taken from every k-th row by hash; the counts are of all rows all the same. */
const ROWS_FOR_EDGES = 1_000_000;
/** Up to this many, distinct values are counted exactly. */
const EXACT_DISTINCT = 4000;
const TOP_VALUES = 200;

/**
 * The distribution of each column of a split: counts, range, moments, a histogram over quantile edges for numbers, the
 * most frequent values for strings and booleans. Infinite numbers count as rows but enter no figure.
 */
export async function profileSplit(
  connection: DuckDBConnection,
  table: SplitTable,
  manifest: SplitManifest,
): Promise<Profile> {
  const columns: ColumnProfile[] = [];
  for (let start = 0; start < table.columns.length; start += COLUMNS_OF_QUERY) {
    const part = table.columns.slice(start, start + COLUMNS_OF_QUERY);
    columns.push(...(await profileColumns(connection, table, part, manifest.rows)));
  }
  return {
    version: 1,
    dataset: manifest.dataset,
    split: manifest.split,
    sha256: manifest.file.sha256,
    rows: manifest.rows,
    columns,
  };
}

async function profileColumns(
  connection: DuckDBConnection,
  table: SplitTable,
  columns: readonly Column[],
  rows: number,
): Promise<ColumnProfile[]> {
  const summaries = await summarise(connection, table, columns, rows);
  const numeric = summaries.filter(({ type, minimum }) => isNumeric(type) && minimum !== undefined);
  const histograms = await histogramsOf(connection, table, numeric, rows);
  const profiles: ColumnProfile[] = [];
  for (const summary of summaries) {
    const histogram = histograms.get(summary.name);
    const top = isCategorical(summary.type) ? await topValues(connection, table, summary) : {};
    profiles.push({ ...summary, ...(histogram === undefined ? {} : { histogram }), ...top });
  }
  return profiles;
}

function isNumeric(type: Column['type']): boolean {
  return type === 'integer' || type === 'number';
}

function isCategorical(type: Column['type']): boolean {
  return type === 'string' || type === 'boolean';
}

/** The value as far as figures go: a double, which is what a profile can hold, and no infinity. */
function measured({ name, type }: Column): string {
  const value = `CAST(${sqlIdentifier(name)} AS DOUBLE)`;
  return type === 'number' ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
}

async function summarise(
  connection: DuckDBConnection,
  { from }: SplitTable,
  columns: readonly Column[],
  rows: number,
): Promise<ColumnProfile[]> {
  const aggregates = columns.flatMap((column) => {
    const name = sqlIdentifier(column.name);
    const numeric = isNumeric(column.type);
    const value = numeric ? measured(column) : name;
    return [
      `count(*) FILTER (WHERE ${name} IS NULL)`,
      `approx_count_distinct(${name})`,
      column.type === 'boolean' ? 'NULL' : numeric ? `min(${value})` : `CAST(min(${name}) AS VARCHAR)`,
      column.type === 'boolean' ? 'NULL' : numeric ? `max(${value})` : `CAST(max(${name}) AS VARCHAR)`,
      numeric ? `avg(${value})` : 'NULL',
      numeric ? `stddev_samp(${value})` : 'NULL',
    ];
  });
  const [row = []] = await rowsOf(connection, `SELECT ${aggregates.join(', ')} FROM ${from}`);
  const approximate = columns.map((_, index) => Number(row[index * 6 + 1] ?? 0));
  const exact = await exactDistinct(
    connection,
    from,
    columns.filter((_, index) => (approximate[index] ?? 0) <= EXACT_DISTINCT),
  );
  return columns.map((column, index) => {
    const [missing, , minimum, maximum, mean, deviation] = row.slice(index * 6, index * 6 + 6);
    return {
      ...column,
      rows,
      missing: Number(missing ?? 0),
      distinct: exact.get(column.name) ?? approximate[index] ?? 0,
      ...present('minimum', extreme(column, minimum)),
      ...present('maximum', extreme(column, maximum)),
      ...present('mean', finite(mean)),
      ...present('standardDeviation', finite(deviation)),
    };
  });
}

async function exactDistinct(
  connection: DuckDBConnection,
  from: string,
  columns: readonly Column[],
): Promise<Map<string, number>> {
  if (columns.length === 0) return new Map();
  const counts = columns.map(({ name }) => `count(DISTINCT ${sqlIdentifier(name)})`);
  const [row = []] = await rowsOf(connection, `SELECT ${counts.join(', ')} FROM ${from}`);
  return new Map(columns.map(({ name }, index) => [name, Number(row[index] ?? 0)]));
}

function extreme({ type }: Column, value: DuckDBValue | undefined): number | string | undefined {
  if (value === null || value === undefined) return undefined;
  return isNumeric(type) ? finite(value) : String(value);
}

function finite(value: DuckDBValue | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}

type Histogram = NonNullable<ColumnProfile['histogram']>;

async function histogramsOf(
  connection: DuckDBConnection,
  table: SplitTable,
  columns: readonly ColumnProfile[],
  rows: number,
): Promise<Map<string, Histogram>> {
  if (columns.length === 0) return new Map();
  const edges = await quantileEdges(connection, table, columns, rows);
  const aggregates = columns.flatMap((column, index) =>
    binConditions(measured(column), edges[index] ?? []).map(
      (condition) => `count(*) FILTER (WHERE ${condition})`,
    ),
  );
  const [row = []] = await rowsOf(connection, `SELECT ${aggregates.join(', ')} FROM ${table.from}`);
  const counts = row.map(Number);
  return new Map(
    columns.map(({ name }, index) => {
      const own = edges[index] ?? [];
      return [name, { edges: own, counts: counts.splice(0, own.length - 1) }];
    }),
  );
}

/** For each column, the smallest value, the inner quantiles and the largest value, each once; at least two edges. */
async function quantileEdges(
  connection: DuckDBConnection,
  { from }: SplitTable,
  columns: readonly ColumnProfile[],
  rows: number,
): Promise<number[][]> {
  const shares = Array.from({ length: BINS - 1 }, (_, index) => (index + 1) / BINS).join(', ');
  const quantiles = columns.map((column) => `quantile_disc(${measured(column)}, [${shares}])::VARCHAR`);
  const every = Math.ceil(rows / ROWS_FOR_EDGES);
  const sampled =
    every <= 1
      ? from
      : `${from.replace(/\)$/, ', file_row_number = true)')} WHERE hash(file_row_number) % ${every} = 0`;
  const [row = []] = await rowsOf(connection, `SELECT ${quantiles.join(', ')} FROM ${sampled}`);
  return columns.map((column, index) => {
    const inner = JSON.parse(String(row[index] ?? '[]')) as (number | null)[];
    return histogramEdges(Number(column.minimum), inner, Number(column.maximum));
  });
}

/**
 * Edges of a histogram: rising, each once.
 *
 * @param inner quantiles between the two ends, in any order; null and what lies outside is passed over
 * @returns at least two edges; a column of one value v gets [v, v], a single closed bin
 */
export function histogramEdges(
  minimum: number,
  inner: readonly (number | null)[],
  maximum: number,
): number[] {
  const inside = inner.filter(
    (value): value is number => value !== null && value > minimum && value < maximum,
  );
  const edges = [...new Set([minimum, ...inside.sort((a, b) => a - b)])];
  return [...edges, maximum];
}

/** Bins [edge_i, edge_i+1), the last one closed. */
function binConditions(value: string, edges: readonly number[]): string[] {
  return edges.slice(0, -1).map((edge, index) => {
    const next = edges[index + 1] as number;
    const last = index === edges.length - 2;
    return `${value} >= ${edge} AND ${value} ${last ? '<=' : '<'} ${next}`;
  });
}

async function topValues(
  connection: DuckDBConnection,
  { from }: SplitTable,
  column: ColumnProfile,
): Promise<Pick<ColumnProfile, 'top' | 'otherCount'>> {
  const name = sqlIdentifier(column.name);
  const rows = await rowsOf(
    connection,
    `SELECT ${name}, count(*) FROM ${from} WHERE ${name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP_VALUES}`,
  );
  const top = rows.map(([value, count]): [string | boolean, number] => [
    typeof value === 'boolean' ? value : String(value),
    Number(count),
  ]);
  const counted = top.reduce((sum, [, count]) => sum + count, 0);
  return { top, otherCount: column.rows - column.missing - counted };
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
