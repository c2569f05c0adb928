import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { MlopsError, messageOf, type CheckResult, type Column } from '@nx-mlops/core';
import type { Expectation } from './expectations';
import { sqlIdentifier, sqlString } from './sql-text';

/** Aggregates of one query; wide schemas take several. */
const AGGREGATES_OF_QUERY = 200;
const EXAMPLES = 3;
const LONGEST_EXAMPLE = 40;

/** A split as checks and profiles read it. */
export interface SplitTable {
  readonly split: string;
  /** SQL that reads the rows. */
  readonly from: string;
  readonly columns: readonly Column[];
}

/** @param file absolute path of the Parquet file */
export function splitTable(split: string, file: string, columns: readonly Column[]): SplitTable {
  return { split, from: `read_parquet(${sqlString(file)}, hive_partitioning = false)`, columns };
}

/**
 * Checks one split: enough rows, no column without any value, and what the schema expects. The rows are read once for
 * all expectations on single rows, once more for each column that must be unique, and once for each failure, whose most
 * frequent wrong values are shown.
 *
 * @param minRows fewest rows that pass
 */
export async function checkSplit(
  connection: DuckDBConnection,
  table: SplitTable,
  expectations: readonly Expectation[],
  minRows: number,
): Promise<CheckResult[]> {
  const perRow = expectations.filter((expectation) => expectation.kind === 'rows');
  const { rows, empty, broken } = await countBroken(connection, table, perRow);
  const results: CheckResult[] = [rowCountCheck(table, rows, minRows)];
  for (const column of empty) {
    results.push({
      check: 'empty',
      split: table.split,
      column,
      verdict: 'warn',
      because: 'has no value in any row',
    });
  }
  for (const expectation of expectations) {
    switch (expectation.kind) {
      case 'known': {
        const { check, column, verdict, because } = expectation;
        results.push({ check, split: table.split, column, verdict, because });
        break;
      }
      case 'rows':
        results.push(
          await rowsCheck(connection, table, expectation, broken[perRow.indexOf(expectation)] ?? 0, rows),
        );
        break;
      case 'unique':
        results.push(await uniqueCheck(connection, table, expectation.check, expectation.columns));
        break;
    }
  }
  return results;
}

function rowCountCheck({ split }: SplitTable, rows: number, minRows: number): CheckResult {
  const enough = rows >= minRows;
  return {
    check: 'minRows',
    split,
    verdict: enough ? 'pass' : 'fail',
    because: enough ? `${count(rows)} rows` : `${count(rows)} rows, at least ${count(minRows)} are asked for`,
  };
}

type RowsExpectation = Extract<Expectation, { kind: 'rows' }>;

async function countBroken(
  connection: DuckDBConnection,
  { from, columns }: SplitTable,
  expectations: readonly RowsExpectation[],
): Promise<{ rows: number; empty: string[]; broken: number[] }> {
  const aggregates = [
    'count(*)',
    ...columns.map(({ name }) => `count(${sqlIdentifier(name)})`),
    ...expectations.map(({ broken }) => `count(*) FILTER (WHERE ${broken})`),
  ];
  const counts: number[] = [];
  for (let start = 0; start < aggregates.length; start += AGGREGATES_OF_QUERY) {
    const part = aggregates.slice(start, start + AGGREGATES_OF_QUERY);
    const [row = []] = await rowsOf(connection, `SELECT ${part.join(', ')} FROM ${from}`);
    counts.push(...row.map(Number));
  }
  const rows = counts[0] ?? 0;
  const empty = rows === 0 ? [] : columns.filter((_, index) => counts[1 + index] === 0);
  return { rows, empty: empty.map(({ name }) => name), broken: counts.slice(1 + columns.length) };
}

async function rowsCheck(
  connection: DuckDBConnection,
  table: SplitTable,
  { check, column, broken, holds, hint }: RowsExpectation,
  failingRows: number,
  rows: number,
): Promise<CheckResult> {
  const base = { check, split: table.split, column };
  if (failingRows === 0) return { ...base, verdict: 'pass', because: `${holds} in all ${count(rows)} rows` };
  const examples = await examplesOf(connection, table, [column], broken);
  return {
    ...base,
    verdict: 'fail',
    because: `expected: ${holds}; not so in ${count(failingRows)} of ${count(rows)} rows${examples}${hint === undefined ? '' : ` (${hint})`}`,
    failingRows,
  };
}

async function uniqueCheck(
  connection: DuckDBConnection,
  table: SplitTable,
  check: string,
  columns: readonly string[],
): Promise<CheckResult> {
  const names = columns.map(sqlIdentifier).join(', ');
  const present = columns.map((name) => `${sqlIdentifier(name)} IS NOT NULL`).join(' AND ');
  const repeated = `SELECT ${names}, count(*) AS n FROM ${table.from} WHERE ${present} GROUP BY ${names} HAVING count(*) > 1`;
  const [totals = []] = await rowsOf(connection, `SELECT coalesce(sum(n), 0) FROM (${repeated})`);
  const failingRows = Number(totals[0] ?? 0);
  const base = {
    check,
    split: table.split,
    ...(columns.length === 1 ? { column: columns[0] as string } : {}),
  };
  const what = columns.length === 1 ? 'each value' : `each combination of ${columns.join(', ')}`;
  if (failingRows === 0) return { ...base, verdict: 'pass', because: `${what} occurs once` };
  const values = columns.map((name) => `CAST(${sqlIdentifier(name)} AS VARCHAR)`);
  const numbers = columns.map((_, index) => index + 1);
  const rows = await rowsOf(
    connection,
    `SELECT ${values.join(', ')} FROM (${repeated}) ORDER BY n DESC, ${numbers.join(', ')} LIMIT ${EXAMPLES}`,
  );
  return {
    ...base,
    verdict: 'fail',
    because: `expected: ${what} occurs once; ${count(failingRows)} rows share theirs${listed(rows)}`,
    failingRows,
  };
}

/** The most frequent values of rows that break an expectation. */
async function examplesOf(
  connection: DuckDBConnection,
  { from }: SplitTable,
  columns: readonly string[],
  broken: string,
): Promise<string> {
  const values = columns.map((name) => `CAST(${sqlIdentifier(name)} AS VARCHAR)`);
  const numbers = values.map((_, index) => index + 1).join(', ');
  const rows = await rowsOf(
    connection,
    `SELECT ${values.join(', ')} FROM ${from} WHERE ${broken} GROUP BY ${numbers} ORDER BY count(*) DESC, ${numbers} LIMIT ${EXAMPLES}`,
  );
  return listed(rows.filter((row) => row.some((value) => value !== null)));
}

function listed(rows: readonly DuckDBValue[][]): string {
  if (rows.length === 0) return '';
  return `, such as ${rows.map((row) => row.map(shown).join(' / ')).join(', ')}`;
}

function shown(value: DuckDBValue): string {
  const text = value === null ? 'null' : JSON.stringify(String(value));
  return text.length > LONGEST_EXAMPLE ? `${text.slice(0, LONGEST_EXAMPLE)}…"` : text;
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/**
 * Makes sure that DuckDB takes the patterns of a schema; it knows RE2 expressions, which have no look-around.
 *
 * @throws MlopsError MLOPS_CONFIG_INVALID naming the pattern
 */
export async function assertPatterns(
  connection: DuckDBConnection,
  fields: readonly { constraints?: { pattern?: string } }[],
  file: string,
): Promise<void> {
  for (const [index, { constraints }] of fields.entries()) {
    if (constraints?.pattern === undefined) continue;
    try {
      await connection.run(`SELECT regexp_full_match('', ${sqlString(constraints.pattern)})`);
    } catch (error) {
      throw new MlopsError(
        'MLOPS_CONFIG_INVALID',
        `is no RE2 regular expression (${messageOf(error).split('\n', 1)[0]}).`,
        { file, path: `schema.fields[${index}].constraints.pattern` },
        { cause: error },
      );
    }
  }
}
