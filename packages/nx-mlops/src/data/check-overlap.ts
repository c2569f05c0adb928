import type { DuckDBConnection } from '@duckdb/node-api';
import type { CheckResult, DatasetConfig } from '@nx-mlops/core';
import type { SplitTable } from './check-split';
import { sqlIdentifier } from './sql-text';

/**
 * Whether rows of one split are in another too, which would make a measured quality better than the real one. Rows
 * count as the same when their key is equal: the columns of `splitBy.key`, else the whole row.
 *
 * Splits by fraction must not overlap. A split by condition may, for a smaller one can be cut out of another on purpose;
 * with a key it is worth a warning, without one equal rows may just as well be different things, so it is not looked at.
 */
export async function checkOverlaps(
  connection: DuckDBConnection,
  tables: readonly SplitTable[],
  config: DatasetConfig,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [index, table] of tables.entries()) {
    for (const other of tables.slice(0, index)) {
      const bothByFraction = isByFraction(config, table.split) && isByFraction(config, other.split);
      if (!bothByFraction && config.splitBy?.key === undefined) continue;
      const shared = await sharedRows(connection, table, other, config.splitBy?.key);
      results.push({
        check: 'disjoint',
        split: table.split,
        verdict: shared === 0 ? 'pass' : bothByFraction ? 'fail' : 'warn',
        because:
          shared === 0
            ? `no row is in ${other.split} too`
            : `${shared.toLocaleString('en-US')} rows have their ${config.splitBy?.key?.join(', ') ?? 'equal'} in ${other.split} too, so a model may have seen them`,
        ...(shared === 0 ? {} : { failingRows: shared }),
      });
    }
  }
  return results;
}

function isByFraction(config: DatasetConfig, split: string): boolean {
  const planned = config.splits[split];
  return planned !== undefined && 'fraction' in planned;
}

/** By DuckDB's 64-bit hash: that two of a billion unequal keys share one is a matter of a few per cent. */
async function sharedRows(
  connection: DuckDBConnection,
  table: SplitTable,
  other: SplitTable,
  key: readonly string[] | undefined,
): Promise<number> {
  const names = key ?? table.columns.map(({ name }) => name);
  const hash = `hash(${names.map(sqlIdentifier).join(', ')})`;
  const result = await connection.runAndReadAll(
    `SELECT count(*) FROM ${table.from} WHERE ${hash} IN (SELECT ${hash} FROM ${other.from})`,
  );
  return Number(result.getRows()[0]?.[0] ?? 0);
}
