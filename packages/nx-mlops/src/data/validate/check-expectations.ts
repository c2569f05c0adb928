import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { MlopsError, messageOf } from '@nx-mlops/core';
import { formatCount, plural } from '../../reporting/format';
import type { Expectation } from './expectations';
import { exampleRows, rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier, sqlString } from '../sql-text';
import type { Finding, ValidationPlan } from './validation-plan';

const VALUES_SHOWN = 3;
const LONGEST_VALUE = 40;

/** Conditions that are counted in one look at the rows, in the order of the expectations that have one. */
export function conditionsOf(expectations: readonly Expectation[]): string[] {
  return expectations.flatMap((expectation) => (expectation.kind === 'rows' ? [expectation.broken] : []));
}

/** Expectations of checks that are not off. */
export function expectationsThatAreOn(
  expectations: readonly Expectation[],
  plan: ValidationPlan,
): Expectation[] {
  return expectations.filter((expectation) =>
    plan.isOn(expectation.check, expectation.kind === 'unique' ? undefined : expectation.column),
  );
}

/**
 * What holds of the expectations of a split's schema. Rows are read again for each that does not, to show the first of
 * them.
 *
 * @param rows of the split
 * @param counts rows that fulfil each of `conditionsOf`
 */
export async function checkExpectations(
  connection: DuckDBConnection,
  table: SplitTable,
  expectations: readonly Expectation[],
  { rows, counts }: { readonly rows: number; readonly counts: readonly number[] },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let next = 0;
  for (const expectation of expectations) {
    const { check } = expectation;
    switch (expectation.kind) {
      case 'known': {
        const { column, holds, because } = expectation;
        findings.push({ check, split: table.split, column, outcome: holds ? 'holds' : 'broken', because });
        break;
      }
      case 'rows': {
        const failing = counts[next] ?? 0;
        next += 1;
        findings.push(await rowsFinding(connection, table, expectation, failing, rows));
        break;
      }
      case 'unique':
        findings.push(await uniqueFinding(connection, table, expectation));
        break;
    }
  }
  return findings;
}

type RowsExpectation = Extract<Expectation, { kind: 'rows' }>;
type UniqueExpectation = Extract<Expectation, { kind: 'unique' }>;

async function rowsFinding(
  connection: DuckDBConnection,
  table: SplitTable,
  { check, column, broken, holds, hint }: RowsExpectation,
  failingRows: number,
  rows: number,
): Promise<Finding> {
  const base = { check, split: table.split, column };
  if (failingRows === 0) {
    return { ...base, outcome: 'holds', because: `${holds} in all ${formatCount(rows)} rows` };
  }
  const values = await frequentValues(connection, table, column, broken);
  return {
    ...base,
    outcome: 'broken',
    because: `expected: ${holds}; not so in ${formatCount(failingRows)} of ${formatCount(rows)} rows${values}${hint === undefined ? '' : ` (${hint})`}`,
    failingRows,
    examples: await exampleRows(connection, table, [column], broken),
  };
}

async function uniqueFinding(
  connection: DuckDBConnection,
  table: SplitTable,
  { check, columns }: UniqueExpectation,
): Promise<Finding> {
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
  if (failingRows === 0) return { ...base, outcome: 'holds', because: `${what} occurs once` };
  const values = columns.map((name) => `CAST(${sqlIdentifier(name)} AS VARCHAR)`);
  const numbers = columns.map((_, index) => index + 1);
  const rows = await rowsOf(
    connection,
    `SELECT ${values.join(', ')} FROM (${repeated}) ORDER BY n DESC, ${numbers.join(', ')} LIMIT ${VALUES_SHOWN}`,
  );
  const key = columns.length === 1 ? names : `(${names})`;
  return {
    ...base,
    outcome: 'broken',
    because: `expected: ${what} occurs once; ${plural(failingRows, 'row')} share theirs${listed(rows)}`,
    failingRows,
    examples: await exampleRows(connection, table, columns, `${key} IN (SELECT ${key} FROM (${repeated}))`),
  };
}

/** The most frequent values of rows that break an expectation. */
async function frequentValues(
  connection: DuckDBConnection,
  { from }: SplitTable,
  column: string,
  broken: string,
): Promise<string> {
  const rows = await rowsOf(
    connection,
    `SELECT CAST(${sqlIdentifier(column)} AS VARCHAR) FROM ${from} WHERE ${broken} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${VALUES_SHOWN}`,
  );
  return listed(rows.filter((row) => row.some((value) => value !== null)));
}

function listed(rows: readonly DuckDBValue[][]): string {
  if (rows.length === 0) return '';
  return `, such as ${rows.map((row) => row.map(shownValue).join(' / ')).join(', ')}`;
}

/** A value as sentences quote it, cut where it is long. */
export function shownValue(value: unknown): string {
  const text = value === null ? 'null' : JSON.stringify(String(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…"` : text;
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
