import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '@nx-mlops/core';
import { sharesOf } from './check-rows';
import type { ProfiledSplit } from './check-reference';
import { storedTypes } from '../column-types';
import { compareValues, type ColumnFacts } from './scan-split';
import { exampleRows, rowsOf } from './split-table';
import { sqlIdentifier, sqlString } from '../sql-text';
import type { Finding, ValidationPlan } from './validation-plan';

/** Where a time column is declared: no row of a split may be older than the newest one of the reference. */
export async function checkTimeOrder(
  connection: DuckDBConnection,
  split: ProfiledSplit,
  reference: ProfiledSplit,
  plan: ValidationPlan,
): Promise<Finding[]> {
  const { table, facts } = split;
  const name = plan.timeColumn;
  if (name === undefined) {
    const because = 'no time column is declared (validation.timeColumn)';
    return [{ check: 'timeOrder', split: table.split, outcome: 'skip', because }];
  }
  const base = { check: 'timeOrder', split: table.split, column: name } as const;
  const newest = extreme(reference, name)?.maximum;
  const oldest = extreme(split, name)?.minimum;
  if (newest === undefined || oldest === undefined) {
    return [{ ...base, outcome: 'skip', because: 'has no values to compare' }];
  }
  if (compareValues(oldest, newest) >= 0) {
    return [
      { ...base, outcome: 'holds', because: `begins with ${oldest}; ${plan.reference} ends with ${newest}` },
    ];
  }
  const { type } = table.columns.find((column) => column.name === name) as Column;
  const limit =
    typeof newest === 'number' ? String(newest) : `CAST(${sqlString(newest)} AS ${storedTypes[type]})`;
  const condition = `${sqlIdentifier(name)} < ${limit}`;
  const [row = []] = await rowsOf(connection, `SELECT count(*) FROM ${table.from} WHERE ${condition}`);
  const failingRows = Number(row[0]);
  return [
    {
      ...base,
      outcome: 'broken',
      because: `${sharesOf(failingRows, facts.rows)} are older than the newest of ${plan.reference}, ${newest}: a model would be trained on what comes after them`,
      failingRows,
      examples: await exampleRows(connection, table, [name], condition),
    },
  ];
}

function extreme({ facts }: ProfiledSplit, name: string): ColumnFacts | undefined {
  return facts.columns.find((column) => column.name === name);
}
