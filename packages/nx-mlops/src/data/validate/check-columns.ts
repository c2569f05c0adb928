import type { DuckDBConnection } from '@duckdb/node-api';
import { formatCount } from '../../reporting/format';
import type { ColumnFacts, SplitFacts } from './scan-split';
import { rowsOf, type SplitTable } from './split-table';
import { sqlIdentifier } from '../sql-text';
import type { Finding, ValidationPlan } from './validation-plan';

/** Columns that tell nothing: without a value, of one value, or equal to another column. */
export async function checkColumns(
  connection: DuckDBConnection,
  table: SplitTable,
  facts: SplitFacts,
  plan: ValidationPlan,
): Promise<Finding[]> {
  const columns = facts.columns.filter(({ name }) => plan.roleOf(name) !== 'ignore');
  const findings: Finding[] = [];
  for (const column of columns) {
    const base = { split: table.split, column: column.name };
    const empty = column.missing === facts.rows;
    findings.push({
      ...base,
      check: 'empty',
      outcome: empty ? 'broken' : 'holds',
      because: empty
        ? 'has no value in any row'
        : `has a value in ${formatCount(facts.rows - column.missing)} rows`,
    });
    // What a split was cut by may well be one value in it, and so may the only row.
    if (empty || facts.rows === 1 || plan.divides(column.name)) continue;
    const constant = column.values?.length === 1;
    findings.push({
      ...base,
      check: 'constant',
      outcome: constant ? 'broken' : 'holds',
      because: constant
        ? `is ${JSON.stringify(column.values?.[0]?.value)} wherever it has a value`
        : 'has more than one value',
    });
  }
  if (plan.isOn('duplicateColumn'))
    findings.push(...(await duplicates(connection, table, columns, facts.rows)));
  return findings;
}

async function duplicates(
  connection: DuckDBConnection,
  table: SplitTable,
  columns: readonly ColumnFacts[],
  rows: number,
): Promise<Finding[]> {
  const candidates = new Map<string, string[]>();
  for (const { name, type, missing, minimum, maximum, sketch } of columns) {
    if (missing === rows) continue;
    const likeness = JSON.stringify([type, missing, minimum, maximum, sketch.toString()]);
    candidates.set(likeness, [...(candidates.get(likeness) ?? []), name]);
  }
  const base = { check: 'duplicateColumn', split: table.split } as const;
  const findings: Finding[] = [];
  for (const [first, ...others] of [...candidates.values()].filter((group) => group.length > 1)) {
    const left = sqlIdentifier(first as string);
    const differing = others.map(
      (other) => `count(*) FILTER (WHERE ${left} IS DISTINCT FROM ${sqlIdentifier(other)})`,
    );
    const [counts = []] = await rowsOf(connection, `SELECT ${differing.join(', ')} FROM ${table.from}`);
    others.forEach((column, index) => {
      if (Number(counts[index]) > 0) return;
      findings.push({ ...base, column, outcome: 'broken', because: `is equal to "${first}" in every row` });
    });
  }
  if (findings.length > 0) return findings;
  return [{ ...base, outcome: 'holds', because: 'no two columns are equal in every row' }];
}
