import { MlopsError, safeName, suggestion, type DatasetConfig } from '@nx-mlops/core';
import { sqlIdentifier, sqlString } from '../../../data/sql-text';
import type { DatasetGeneratorSchema } from '../schema';

/** The parts of a config that say how rows are divided. */
export type ProposedSplits = Pick<DatasetConfig, 'splits' | 'splitBy'>;

type SplitOptions = Pick<DatasetGeneratorSchema, 'splitKey' | 'splitColumn' | 'trainWhere' | 'testWhere'>;

/** Splits by an unknown column would rather be a mistake. */
const MOST_SPLITS = 20;

/**
 * How a new dataset divides its rows: by the conditions given, by the values of a column, else 80 to 20 by a seeded hash.
 *
 * @param columns names in the data
 * @param valuesOf the distinct values of a column as text, at most `MOST_SPLITS` + 1 of them
 * @throws MlopsError MLOPS_SPLIT_OPTIONS when options contradict each other or name a column that is not there
 */
export async function proposeSplits(
  { splitKey, splitColumn, trainWhere, testWhere }: SplitOptions,
  columns: readonly string[],
  valuesOf: (column: string, most: number) => Promise<string[]>,
): Promise<ProposedSplits> {
  const key = splitKey !== undefined && splitKey.length > 0 ? splitKey : undefined;
  const ways = [key, splitColumn, trainWhere ?? testWhere].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw wrong('--splitKey, --splitColumn and --trainWhere with --testWhere are three ways; choose one.');
  }
  [...(key ?? []), ...(splitColumn === undefined ? [] : [splitColumn])].forEach((name) => {
    if (!columns.includes(name)) {
      throw wrong(`there is no column "${name}" in the data.${suggestion(name, columns)}`);
    }
  });
  if (trainWhere !== undefined || testWhere !== undefined) {
    if (trainWhere === undefined || testWhere === undefined) {
      throw wrong('--trainWhere and --testWhere go together: give both.');
    }
    return { splits: { train: { where: trainWhere }, test: { where: testWhere } } };
  }
  if (splitColumn !== undefined) {
    return { splits: splitsByValue(splitColumn, await valuesOf(splitColumn, MOST_SPLITS + 1)) };
  }
  return {
    splitBy: { ...(key === undefined ? {} : { key }), seed: 0 },
    splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
  };
}

function splitsByValue(column: string, values: readonly string[]): DatasetConfig['splits'] {
  if (values.length > MOST_SPLITS) {
    throw wrong(
      `column "${column}" has more than ${MOST_SPLITS} values, so it does not look as if it named splits.`,
    );
  }
  const unfit = values.find((value) => !safeName.safeParse(value).success);
  if (unfit !== undefined || values.length === 0) {
    throw wrong(
      unfit === undefined
        ? `column "${column}" has no values.`
        : `column "${column}" holds ${JSON.stringify(unfit)}, which cannot name a split. Use --trainWhere and --testWhere.`,
    );
  }
  const where = (value: string) => `CAST(${sqlIdentifier(column)} AS VARCHAR) = ${sqlString(value)}`;
  return Object.fromEntries(values.map((value) => [value, { where: where(value) }]));
}

function wrong(what: string): MlopsError {
  return new MlopsError('MLOPS_SPLIT_OPTIONS', what);
}
