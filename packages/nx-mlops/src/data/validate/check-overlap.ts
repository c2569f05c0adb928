import type { DuckDBConnection } from '@duckdb/node-api';
import { percent, sharesOf, COLUMNS_SHOWN } from './check-rows';
import { hashRows, repetitionOf, sharedRows, type RowHashes } from './row-hashes';
import { exampleRows, type SplitTable } from './split-table';
import type { Finding, ValidationPlan } from './validation-plan';

/** Above what chance explains, in standard errors, and never less than a hundredth of the rows. */
const STANDARD_ERRORS = 3;
const LEAST_EXCESS = 0.01;

export interface HashedSplit {
  readonly table: SplitTable;
  readonly rows: number;
  /** Of whole rows, less the columns that the splits are made by. */
  readonly hashes: RowHashes;
}

/**
 * Whether rows of one split are in another too, which makes a measured quality better than the real one.
 *
 * Where a key tells things apart, an equal key in two splits is the same thing twice. Splits by fraction of whole rows
 * cannot share any. Of splits by condition without a key, equal rows may be different things, such as two flights of one
 * hour: there only a share counts that is clearly larger than the reference's own repetitions explain, and only as a
 * warning. Columns of the conditions are not compared, for they differ in any case. See docs/decisions/0009-overlap.md.
 */
export async function checkOverlaps(
  connection: DuckDBConnection,
  splits: readonly HashedSplit[],
  plan: ValidationPlan,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { groupKey } = plan;
  const groups: RowHashes[] = [];
  if (groupKey !== undefined && splits.length > 1 && plan.isOn('groupOverlap')) {
    for (const { table } of splits)
      groups.push(await hashRows(connection, table, groupKey, 'keys', { complete: true }));
  }
  for (const [index, split] of splits.entries()) {
    for (const [otherIndex, other] of splits.slice(0, index).entries()) {
      const [group, otherGroup] = [groups[index], groups[otherIndex]];
      let disjoint = false;
      if (group !== undefined && otherGroup !== undefined) {
        const finding = await groupFinding(connection, split, group, otherGroup);
        disjoint = finding.outcome === 'holds';
        findings.push(finding);
      }
      if (!plan.isOn('overlap')) continue;
      findings.push(await rowFinding(connection, split, other, plan, disjoint));
    }
  }
  return findings;
}

async function groupFinding(
  connection: DuckDBConnection,
  { table, rows }: HashedSplit,
  group: RowHashes,
  other: RowHashes,
): Promise<Finding> {
  const shared = await sharedRows(connection, group, other);
  const key = group.columns.join(', ');
  const base = {
    check: 'groupOverlap',
    split: table.split,
    ...(group.columns.length === 1 ? { column: key } : {}),
    measured: rows === 0 ? 0 : shared / rows,
    limit: 0,
  } as const;
  if (shared === 0) return { ...base, outcome: 'holds', because: `no ${key} is in ${other.table.split} too` };
  return {
    ...base,
    outcome: 'broken',
    because: `${sharesOf(shared, rows)} have their ${key} in ${other.table.split} too, so a model may have seen them`,
    failingRows: shared,
    examples: await overlappingRows(connection, table, group, other),
  };
}

async function rowFinding(
  connection: DuckDBConnection,
  split: HashedSplit,
  other: HashedSplit,
  plan: ValidationPlan,
  keysAreDisjoint: boolean,
): Promise<Finding> {
  const { table, rows } = split;
  const shared = await sharedRows(connection, split.hashes, other.hashes);
  const measured = rows === 0 ? 0 : shared / rows;
  const base = { check: 'overlap', split: table.split, measured } as const;
  if (shared === 0) {
    return { ...base, limit: 0, outcome: 'holds', because: `no row is in ${other.table.split} too` };
  }
  const words = `${sharesOf(shared, rows)} are in ${other.table.split} too`;
  const failing = { ...base, failingRows: shared };
  const examples = () => overlappingRows(connection, table, split.hashes, other.hashes);
  const byFraction = plan.isByFraction(table.split) && plan.isByFraction(other.table.split);
  // With disjoint keys the rows in both are such as lack a key.
  if (byFraction || (plan.groupKey !== undefined && !keysAreDisjoint)) {
    return {
      ...failing,
      limit: 0,
      outcome: 'broken',
      because: `${words}, so a model may have seen them`,
      examples: await examples(),
    };
  }
  const { shared: repeated } = await repetitionOf(connection, other.hashes);
  const expected = other.rows === 0 ? 0 : repeated / other.rows;
  const limit = expected + excess(expected, rows, other.rows);
  if (measured <= limit) {
    return {
      ...failing,
      limit,
      outcome: 'holds',
      because: `${words}, no more than the repetitions inside ${other.table.split} (${percent(expected)}) explain; a key (validation.groupKey) would tell`,
    };
  }
  return {
    ...failing,
    limit,
    outcome: 'broken',
    preset: 'warn',
    because: `${words}, while only ${percent(expected)} of the rows of ${other.table.split} repeat another one: they may be the same things`,
    examples: await examples(),
  };
}

/**
 * A row of the other split that occurs once there is one that a new row would not have met, so the share of the others
 * estimates how many rows of an equal population are met by chance (Good and Turing).
 */
function excess(expected: number, rows: number, otherRows: number): number {
  const error = Math.sqrt(expected * (1 - expected) * (1 / rows + 1 / otherRows));
  return Math.max(STANDARD_ERRORS * error, LEAST_EXCESS);
}

function overlappingRows(
  connection: DuckDBConnection,
  table: SplitTable,
  { hash, columns }: RowHashes,
  other: RowHashes,
): ReturnType<typeof exampleRows> {
  return exampleRows(
    connection,
    table,
    columns.slice(0, COLUMNS_SHOWN),
    `${hash} IN (SELECT h FROM ${other.name})`,
  );
}
