import type { DuckDBConnection } from '@duckdb/node-api';
import { formatCount, formatNumber, plural } from '../../reporting/format';
import { repetitionOf, type RowHashes } from './row-hashes';
import { exampleRows } from './split-table';
import type { Finding, ValidationPlan } from './validation-plan';

/** Columns of a row that examples show. */
export const COLUMNS_SHOWN = 12;

/** Rows that repeat an earlier one of the same split. */
export async function checkDuplicateRows(
  connection: DuckDBConnection,
  hashes: RowHashes,
  rows: number,
  plan: ValidationPlan,
): Promise<Finding> {
  const { table, hash, name, columns } = hashes;
  const { repeating } = await repetitionOf(connection, hashes);
  const measured = rows === 0 ? 0 : repeating / rows;
  const limit = plan.parameterOf('duplicateRows', 'maximum');
  const base = { check: 'duplicateRows', split: table.split, measured, limit } as const;
  if (measured <= limit) {
    return {
      ...base,
      outcome: 'holds',
      because:
        repeating === 0 ? 'no row repeats another one' : `${sharesOf(repeating, rows)} repeat an earlier one`,
      ...(repeating === 0 ? {} : { failingRows: repeating }),
    };
  }
  return {
    ...base,
    outcome: 'broken',
    because: `${sharesOf(repeating, rows)} repeat an earlier one`,
    failingRows: repeating,
    examples: await exampleRows(
      connection,
      table,
      columns.slice(0, COLUMNS_SHOWN),
      `${hash} IN (SELECT h FROM ${name} WHERE n > 1)`,
    ),
  };
}

/** Fewest rows: all of them, and beside the reference. */
export function checkRowCounts(
  split: string,
  rows: number,
  minRows: number,
  referenceRows: number | undefined,
  plan: ValidationPlan,
): Finding[] {
  const enough = rows >= minRows;
  const findings: Finding[] = [
    {
      check: 'minRows',
      split,
      outcome: enough ? 'holds' : 'broken',
      because: enough
        ? plural(rows, 'row')
        : `${plural(rows, 'row')}, at least ${formatCount(minRows)} are asked for`,
      measured: rows,
      limit: minRows,
    },
  ];
  if (referenceRows === undefined || referenceRows === 0) return findings;
  const measured = rows / referenceRows;
  const limit = plan.parameterOf('rowShare', 'minimum');
  const words = `${plural(rows, 'row')} beside ${formatCount(referenceRows)} of ${plan.reference}`;
  findings.push({
    check: 'rowShare',
    split,
    outcome: measured >= limit ? 'holds' : 'broken',
    because: measured >= limit ? words : `${words}, which is too few to say much`,
    measured,
    limit,
  });
  return findings;
}

/** `1,234 of 5,000 rows (24.68 %)` */
export function sharesOf(part: number, rows: number): string {
  return `${formatCount(part)} of ${plural(rows, 'row')} (${percent(rows === 0 ? 0 : part / rows)})`;
}

export function percent(share: number): string {
  return `${formatNumber(Number((share * 100).toPrecision(3)))} %`;
}
