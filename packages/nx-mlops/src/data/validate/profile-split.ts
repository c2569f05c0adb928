import type { DuckDBConnection } from '@duckdb/node-api';
import { distinctOf, momentsOf, type ColumnProfile, type Profile, type SplitManifest } from '@nx-mlops/core';
import { isNumeric, measured, type ColumnFacts, type SplitFacts, type Value } from './scan-split';
import { everyKth, rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier, sqlLiteral } from '../sql-text';

/** Columns of one query, so that a wide table needs no more memory than a narrow one. */
const COLUMNS_OF_QUERY = 16;
/** Bins of equal mass that a histogram aims at. */
const BINS = 20;
/** Above it, edges are taken from every k-th row by hash; the counts are of all rows all the same. */
const ROWS_FOR_EDGES = 200_000;
const TOP_VALUES = 200;
/** Numbers of no more distinct values are counted value by value too. */
const MOST_NUMBERS = 50;

/**
 * The distribution of each column of a split: counts, range, moments, a histogram over quantile edges for numbers, the
 * most frequent values for text and booleans. Infinite numbers count as rows but enter no figure. Equal rows give equal
 * bytes.
 *
 * @param facts what `scanSplit` found
 * @param reference a profile whose edges and values are taken, so that both can be compared and added up
 */
export async function profileSplit(
  connection: DuckDBConnection,
  table: SplitTable,
  facts: SplitFacts,
  manifest: SplitManifest,
  reference?: Profile,
): Promise<Profile> {
  const frozen = new Map(reference?.columns.map((column) => [`${column.name} ${column.type}`, column]));
  const frozenOf = (column: ColumnFacts) => frozen.get(`${column.name} ${column.type}`);
  const edges = await edgesOf(connection, table, facts, frozenOf);
  const histograms = await histogramsOf(connection, table, facts, edges);
  const columns: ColumnProfile[] = [];
  for (const column of facts.columns) {
    const { name, type, missing, minimum, maximum, moments, sketch } = column;
    const top = await topOf(connection, table, facts.rows, column, frozenOf(column));
    const histogram = histograms.get(name);
    columns.push({
      name,
      type,
      rows: facts.rows,
      missing,
      distinct: distinctOf(top, sketch) ?? 0,
      sketch: sketch.toString(),
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(moments === undefined || moments.finite === 0
        ? isNumeric(column)
          ? { finite: 0 }
          : {}
        : momentsOf(moments.finite, moments.mean, moments.squaredDeviations)),
      ...(histogram === undefined ? {} : { histogram }),
      ...top,
    });
  }
  return {
    version: 1,
    dataset: manifest.dataset,
    split: manifest.split,
    sha256: manifest.file.sha256,
    rows: facts.rows,
    columns,
  };
}

type Frozen = (column: ColumnFacts) => ColumnProfile | undefined;
type Histogram = NonNullable<ColumnProfile['histogram']>;

async function edgesOf(
  connection: DuckDBConnection,
  table: SplitTable,
  { columns, rows }: SplitFacts,
  frozenOf: Frozen,
): Promise<Map<string, readonly number[]>> {
  const edges = new Map<string, readonly number[]>();
  const open: ColumnFacts[] = [];
  for (const column of columns.filter(isNumeric)) {
    const frozen = frozenOf(column);
    if (frozen !== undefined) {
      // A column that is empty in the reference has no bins anywhere, else profiles could not be added up.
      if (frozen.histogram !== undefined) edges.set(column.name, frozen.histogram.edges);
    } else if (column.minimum === undefined) {
      continue;
    } else if (column.values !== undefined) {
      edges.set(
        column.name,
        histogramEdges(Number(column.minimum), quantilesOf(column), Number(column.maximum)),
      );
    } else {
      open.push(column);
    }
  }
  const shares = Array.from({ length: BINS - 1 }, (_, index) => (index + 1) / BINS).join(', ');
  const sample = everyKth(table, Math.ceil(rows / ROWS_FOR_EDGES));
  for (let start = 0; start < open.length; start += COLUMNS_OF_QUERY) {
    const part = open.slice(start, start + COLUMNS_OF_QUERY);
    const quantiles = part.map((column) => `quantile_disc(${measured(column)}, [${shares}])::VARCHAR`);
    const [row = []] = await rowsOf(connection, `SELECT ${quantiles.join(', ')} FROM ${sample}`);
    part.forEach((column, index) => {
      const inner = JSON.parse(String(row[index] ?? '[]')) as (number | null)[];
      edges.set(column.name, histogramEdges(Number(column.minimum), inner, Number(column.maximum)));
    });
  }
  return edges;
}

/** Inner quantiles of a column whose values are counted: for each share the least value that reaches it. */
function quantilesOf({ values = [] }: ColumnFacts): number[] {
  const numbers = finiteValues(values);
  const total = numbers.reduce((sum, { rows }) => sum + rows, 0);
  const quantiles: number[] = [];
  let below = 0;
  for (const { value, rows } of numbers) {
    below += rows;
    while (quantiles.length < BINS - 1 && below >= ((quantiles.length + 1) / BINS) * total)
      quantiles.push(value);
  }
  return quantiles;
}

function finiteValues(values: NonNullable<ColumnFacts['values']>): { value: number; rows: number }[] {
  return values
    .map(({ value, rows }) => ({ value: Number(value), rows }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => a.value - b.value);
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

async function histogramsOf(
  connection: DuckDBConnection,
  { from }: SplitTable,
  { columns }: SplitFacts,
  edges: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  const open: ColumnFacts[] = [];
  for (const column of columns) {
    const own = edges.get(column.name);
    if (own === undefined) continue;
    if (column.values === undefined) open.push(column);
    else histograms.set(column.name, histogramOfValues(column.values, own));
  }
  for (let start = 0; start < open.length; start += COLUMNS_OF_QUERY) {
    const part = open.slice(start, start + COLUMNS_OF_QUERY);
    const aggregates = part.flatMap((column) => {
      const own = edges.get(column.name) ?? [];
      const value = measured(column);
      // DuckDB's bins are closed above, ours below: of the negative values they are the same ones, the other way round.
      const bounds = own
        .slice(0, -1)
        .reverse()
        .map((edge) => sqlLiteral(-edge));
      return [
        `map_values(histogram(-(${value}), [${bounds.join(', ')}]::DOUBLE[]))::VARCHAR`,
        `count(*) FILTER (WHERE ${value} > ${sqlLiteral(own.at(-1) as number)})`,
      ];
    });
    const [row = []] = await rowsOf(connection, `SELECT ${aggregates.join(', ')} FROM ${from}`);
    part.forEach(({ name }, index) => {
      const own = edges.get(name) ?? [];
      const found = JSON.parse(String(row[2 * index] ?? '[]')) as number[];
      // What lies below the lowest edge comes last, where there is any.
      const bins = own.slice(1).map((_, bin) => found[bin] ?? 0);
      const over = Number(row[2 * index + 1]);
      const counts = bins.reverse();
      counts[counts.length - 1] = (counts.at(-1) as number) - over;
      histograms.set(name, { edges: [...own], counts, under: found[own.length - 1] ?? 0, over });
    });
  }
  return histograms;
}

function histogramOfValues(values: NonNullable<ColumnFacts['values']>, edges: readonly number[]): Histogram {
  const counts = new Array<number>(edges.length - 1).fill(0);
  const histogram = { edges: [...edges], counts, under: 0, over: 0 };
  const last = edges.at(-1) as number;
  for (const { value, rows } of finiteValues(values)) {
    if (value < (edges[0] as number)) histogram.under += rows;
    else if (value > last) histogram.over += rows;
    else {
      const next = edges.findIndex((edge, index) => index > 0 && value < edge);
      const bin = next === -1 ? counts.length - 1 : next - 1;
      counts[bin] = (counts[bin] as number) + rows;
    }
  }
  return histogram;
}

type Top = Pick<ColumnProfile, 'top' | 'otherCount'>;

async function topOf(
  connection: DuckDBConnection,
  table: SplitTable,
  rows: number,
  column: ColumnFacts,
  frozen: ColumnProfile | undefined,
): Promise<Top> {
  const vocabulary = frozen?.top?.map(([value]) => value);
  if (frozen === undefined ? !isCounted(column) : vocabulary === undefined) return {};
  const top =
    vocabulary === undefined
      ? await mostFrequent(connection, table, column)
      : await countsOf(connection, table, column, vocabulary);
  const counted = top.reduce((sum, [, count]) => sum + count, 0);
  return { top, otherCount: rows - column.missing - counted };
}

function isCounted({ type, values, ...column }: ColumnFacts): boolean {
  if (type === 'string' || type === 'boolean') return true;
  if (!isNumeric({ type }) || column.minimum === undefined) return false;
  return (
    values !== undefined &&
    values.length <= MOST_NUMBERS &&
    values.every(({ value }) => Number.isFinite(value))
  );
}

async function mostFrequent(
  connection: DuckDBConnection,
  { from }: SplitTable,
  { name, values }: ColumnFacts,
): Promise<[Value, number][]> {
  if (values !== undefined) return values.slice(0, TOP_VALUES).map(({ value, rows }) => [value, rows]);
  const column = sqlIdentifier(name);
  const rows = await rowsOf(
    connection,
    `SELECT ${column}, count(*) FROM ${from} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP_VALUES}`,
  );
  return rows.map(([value, count]) => [String(value), Number(count)]);
}

/** How often each of these values occurs, in their order. */
export async function countsOf(
  connection: DuckDBConnection,
  { from }: SplitTable,
  { name, values }: ColumnFacts,
  vocabulary: readonly Value[],
): Promise<[Value, number][]> {
  const found = new Map<Value, number>(values?.map(({ value, rows }) => [value, rows]));
  if (values === undefined && vocabulary.length > 0) {
    const column = sqlIdentifier(name);
    const list = vocabulary.map(sqlLiteral);
    const rows = await rowsOf(
      connection,
      `SELECT ${column}, count(*) FROM ${from} WHERE ${column} IN (${list.join(', ')}) GROUP BY 1`,
    );
    for (const [value, count] of rows) {
      found.set(typeof value === 'bigint' ? Number(value) : (value as Value), Number(count));
    }
  }
  return vocabulary.map((value) => [value, found.get(value) ?? 0]);
}
