import { MlopsError, suggestion, type DatasetConfig } from '@nx-mlops/core';
import { sqlIdentifier, sqlString } from '../sql-text';

/** How a split is taken from the prepared table. */
export interface PlannedSplit {
  readonly name: string;
  readonly by: 'condition' | 'fraction';
  /** A SQL condition over the prepared columns; true for the rows of the split. */
  readonly where: string;
}

/** The splits of a dataset, and the column that the conditions of fractions read. */
export interface SplitPlan {
  readonly splits: readonly PlannedSplit[];
  /** SQL expression over the prepared columns for the column `hashColumn`; undefined when no split needs it. */
  readonly hash: string | undefined;
}

/** Computed once for all splits; no column of a dataset has this name but by malice. */
export const hashColumn = 'nx-mlops split hash';

/** Hex digits of the hash that decide; 13 of them are 52 bits, which a double holds exactly. */
const HASH_DIGITS = 13;
const HASH_RANGE = 2 ** (4 * HASH_DIGITS);

/** Fractions such as 0.8 + 0.1 + 0.1 miss 1 by rounding alone. */
const ROUNDING = 1e-9;

/**
 * How each split chooses its rows, in the order of the config. Splits that a script leaves as files choose none.
 *
 * A split by condition has the rows for which its condition is true. Splits by fraction divide the rows that no
 * condition of another split takes: each row goes by the md5 of the seed and its key, so it stays where it is when rows
 * are added, removed or reordered, and rows of an equal key stay together. A fraction's rows lie between the sum of the
 * fractions before it and that sum plus its own, so a split added at the end moves no row of the others.
 *
 * @param columns names of the prepared columns; together the key where the config names none
 * @throws MlopsError MLOPS_SPLIT_FRACTIONS when they exceed 1 in total, MLOPS_SPLIT_KEY for an unknown key column
 */
export function planSplits(config: DatasetConfig, columns: readonly string[], file: string): SplitPlan {
  assertFractions(config, file);
  const key = keyColumns(config, columns, file);
  const all = Object.entries(config.splits);
  const conditions = all.flatMap(([, split]) => ('where' in split ? [split.where] : []));
  const notTaken = conditions.map((condition) => `NOT coalesce((${condition}\n), false)`);
  let from = 0;
  const splits = all.flatMap(([name, split]): PlannedSplit[] => {
    if ('file' in split) return [];
    if ('where' in split) return [{ name, by: 'condition', where: `(${split.where}\n)` }];
    const to = from + split.fraction;
    const where = [...notTaken, ...hashBounds(from, to)].join(' AND ');
    from = to;
    return [{ name, by: 'fraction', where: where === '' ? 'true' : where }];
  });
  const needsHash = splits.some(({ by }) => by === 'fraction');
  return { splits, hash: needsHash ? hashExpression(key, config.splitBy?.seed ?? 0) : undefined };
}

/** @throws MlopsError MLOPS_SPLIT_FRACTIONS */
export function assertFractions(config: DatasetConfig, file: string): void {
  const total = Object.values(config.splits).reduce(
    (sum, split) => sum + ('fraction' in split ? split.fraction : 0),
    0,
  );
  if (total > 1 + ROUNDING) {
    throw new MlopsError(
      'MLOPS_SPLIT_FRACTIONS',
      `the fractions add up to ${Number(total.toFixed(6))}, more than all rows. Make them 1 or less in total.`,
      { file, path: 'splits' },
    );
  }
}

/** The columns whose values decide in which split a row is. */
export function keyColumns(
  config: DatasetConfig,
  columns: readonly string[],
  file: string,
): readonly string[] {
  const key = config.splitBy?.key;
  const unknown = key?.find((name) => !columns.includes(name));
  if (unknown !== undefined) {
    throw new MlopsError(
      'MLOPS_SPLIT_KEY',
      `"${unknown}" is no column of the prepared table, which has ${columns.join(', ')}.${suggestion(unknown, columns)}`,
      { file, path: 'splitBy.key' },
    );
  }
  return key ?? columns;
}

/**
 * SQL for the hash of a row: the first hex digits of md5(text), where text is `<seed>` and each key value as
 * `;<length>:<value>`, or `;-` for NULL, so that no two keys have the same text. All parts are plain SQL text functions,
 * so it does not depend on DuckDB's own hash, which may change between versions.
 */
export function hashExpression(key: readonly string[], seed: number): string {
  const parts = key.map((name) => {
    const value = `CAST(${sqlIdentifier(name)} AS VARCHAR)`;
    return `coalesce(';' || strlen(${value}) || ':' || ${value}, ';-')`;
  });
  return `substr(md5(${[sqlString(String(seed)), ...parts].join(' || ')}), 1, ${HASH_DIGITS})`;
}

/** Conditions for `from <= hash / 16^13 < to`, compared as text of equal length. */
function hashBounds(from: number, to: number): string[] {
  const hash = sqlIdentifier(hashColumn);
  return [
    ...(from > ROUNDING ? [`${hash} >= ${sqlString(hashBound(from))}`] : []),
    ...(to < 1 - ROUNDING ? [`${hash} < ${sqlString(hashBound(to))}`] : []),
  ];
}

/** @param share in [0, 1) */
export function hashBound(share: number): string {
  return Math.round(share * HASH_RANGE)
    .toString(16)
    .padStart(HASH_DIGITS, '0');
}
