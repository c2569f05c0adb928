import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, suggestion, type ColumnType, type RunContext, type RunSplit } from '@nx-mlops/core';
import { identifier, query, tableOf, withDatabase } from '../data/database';
import { columnType, valueExpression } from '../data/read-columns';
import { Encoder } from './encoder';
import type { EncodingName, FeatureEncoding, FeatureType, TargetScaling } from './encoding';
import { targetCondition } from './target';

export interface FeatureOptions {
  /** @default standard for integer and number, none for boolean, one-hot for string */
  readonly encoding?: EncodingName;
  /** Categories kept, the most frequent first; the others count as unknown. @default that of all features */
  readonly maxCategories?: number;
  /** Whether a column of its own says where the number was missing. @default whether training saw any missing */
  readonly missingIndicator?: boolean;
}

export interface EncoderOptions {
  /** Categories kept of each feature, the most frequent first; the others count as unknown. @default 100 */
  readonly maxCategories?: number;
  /** A category of fewer rows counts as unknown. @default 1 */
  readonly minCategoryRows?: number;
  /** Regression: whether the target is learned with mean 0 and standard deviation 1. @default true */
  readonly scaleTarget?: boolean;
  /** What to do otherwise, by feature. */
  readonly features?: Readonly<Record<string, FeatureOptions>>;
}

/** Beyond it a 32-bit float is infinite. */
const LARGEST_FLOAT = 3.4028234663852886e38;

/**
 * Learns means, deviations and categories from a split, over all rows whose target is known, inside DuckDB.
 *
 * @throws MlopsError MLOPS_TRAINING_FEATURE_TYPE for a feature that cannot be encoded so, MLOPS_TRAINING_UNKNOWN_FEATURE
 *   for an option of no feature, MLOPS_TRAINING_EMPTY_SPLIT and MLOPS_TRAINING_EMPTY_FEATURE where there is nothing to learn
 */
export async function fitEncoder(
  context: Pick<RunContext, 'features' | 'target' | 'task'>,
  split: RunSplit,
  options: EncoderOptions = {},
): Promise<Encoder> {
  const plans = context.features.map(({ name }) => planOf(name, columnType(split, name), options));
  checkOptionNames(context.features, options);
  return withDatabase(async (connection) => {
    const learn = { connection, split, where: targetCondition(context.task, context.target) };
    await checkRows(learn);
    const encodings: FeatureEncoding[] = [];
    for (const plan of plans) encodings.push(await encodingOf(learn, plan));
    const scaled = context.task === 'regression' && (options.scaleTarget ?? true);
    return new Encoder(encodings, scaled ? await targetScaling(learn, context.target) : undefined);
  });
}

interface FeaturePlan extends Required<Omit<FeatureOptions, 'missingIndicator'>> {
  readonly feature: string;
  readonly type: FeatureType;
  readonly minCategoryRows: number;
  readonly missingIndicator: boolean | undefined;
}

const encodingsOf: Record<FeatureType, readonly [EncodingName, ...EncodingName[]]> = {
  integer: ['standard', 'none', 'one-hot', 'index'],
  number: ['standard', 'none'],
  boolean: ['none', 'standard', 'one-hot', 'index'],
  string: ['one-hot', 'index'],
};

/** Decides what a feature is encoded as, before anything is read. */
function planOf(feature: string, type: ColumnType, options: EncoderOptions): FeaturePlan {
  if (type === 'date' || type === 'datetime') {
    throw new MlopsError(
      'MLOPS_TRAINING_FEATURE_TYPE',
      `The feature "${feature}" is a ${type}, which has no encoding. Derive a number from it in the dataset's prepare query, such as hour(${identifier(feature)}) or date_diff('day', …), and name that column in "features".`,
    );
  }
  const own = options.features?.[feature] ?? {};
  const encoding = own.encoding ?? encodingsOf[type][0];
  if (!encodingsOf[type].includes(encoding)) {
    throw new MlopsError(
      'MLOPS_TRAINING_FEATURE_TYPE',
      `The feature "${feature}" is of type ${type} and cannot be encoded as "${encoding}". Valid: ${encodingsOf[type].join(', ')}.`,
    );
  }
  return {
    feature,
    type,
    encoding,
    maxCategories: own.maxCategories ?? options.maxCategories ?? 100,
    minCategoryRows: options.minCategoryRows ?? 1,
    missingIndicator: own.missingIndicator,
  };
}

function checkOptionNames(features: RunContext['features'], options: EncoderOptions): void {
  const names = features.map(({ name }) => name);
  const unknown = Object.keys(options.features ?? {}).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new MlopsError(
    'MLOPS_TRAINING_UNKNOWN_FEATURE',
    `fitEncoder is told how to encode "${unknown}", which is no feature of this model.${suggestion(unknown, names)}`,
  );
}

interface Learning {
  readonly connection: DuckDBConnection;
  readonly split: RunSplit;
  /** Rows to learn from. */
  readonly where: string;
}

async function checkRows({ connection, split, where }: Learning): Promise<void> {
  const [row] = await query(connection, split, `SELECT count(*) FROM ${tableOf(split)} WHERE ${where}`);
  if (Number(row?.[0]) > 0) return;
  throw new MlopsError(
    'MLOPS_TRAINING_EMPTY_SPLIT',
    `The split "${split.dataset}:${split.split}" has no row whose target is known, so there is nothing to learn. Look at its "prepare" query and its splits.`,
  );
}

async function encodingOf(learning: Learning, plan: FeaturePlan): Promise<FeatureEncoding> {
  return plan.encoding === 'one-hot' || plan.encoding === 'index'
    ? categoryEncoding(learning, plan, plan.encoding)
    : numberEncoding(learning, plan);
}

async function numberEncoding(learning: Learning, plan: FeaturePlan): Promise<FeatureEncoding> {
  const { feature, type } = plan;
  const { mean, deviation, present, rows } = await numberStatistics(learning, feature, type);
  if (present === 0) throw emptyFeature(feature, learning.split);
  const { offset, scale } =
    plan.encoding === 'standard' ? standardScaling(mean, deviation) : { offset: 0, scale: 1 };
  return {
    kind: 'number',
    feature,
    type,
    offset,
    scale,
    fill: Math.fround(Math.fround(Math.fround(mean) - offset) * scale),
    indicator: plan.missingIndicator ?? present < rows,
  };
}

async function numberStatistics({ connection, split, where }: Learning, column: string, type: ColumnType) {
  const value = valueExpression(column, type);
  const usable = `FILTER (WHERE abs(${value}) <= ${LARGEST_FLOAT})`;
  const [row] = await query(
    connection,
    split,
    `SELECT count(*), count(${value}) ${usable}, avg(${value}) ${usable}, stddev_pop(${value}) ${usable} FROM ${tableOf(split)} WHERE ${where}`,
  );
  const [rows, present, mean, deviation] = (row ?? []).map(Number) as [number, number, number, number];
  return { rows, present, mean, deviation };
}

/** Rounded to 32 bits, since that is what the exported graph computes with. A constant is only shifted. */
function standardScaling(mean: number, deviation: number): TargetScaling {
  const scale = Math.fround(1 / deviation);
  const usable = Number.isFinite(scale) && scale > 0;
  return { offset: Math.fround(mean), scale: usable ? scale : 1 };
}

async function categoryEncoding(
  learning: Learning,
  plan: FeaturePlan,
  encoding: 'one-hot' | 'index',
): Promise<FeatureEncoding> {
  const { connection, split, where } = learning;
  const { feature, type, maxCategories, minCategoryRows } = plan;
  const value = valueExpression(feature, type);
  // The exported graph sees an integer as a 32-bit float, so integers that are one float are one category.
  const key = type === 'string' ? `coalesce(${value}, '')` : `CAST(CAST(${value} AS FLOAT) AS DOUBLE)`;
  const rows = await query(
    connection,
    split,
    `WITH counted AS (SELECT ${key} AS key, count(*) AS count FROM ${tableOf(split)} WHERE ${where} GROUP BY 1)
     SELECT key, CAST(count AS DOUBLE), CAST(sum(count) OVER () AS DOUBLE) FROM counted
     ORDER BY (key IS NOT NULL AND count >= $1) DESC, count DESC, key LIMIT $2`,
    [minCategoryRows, maxCategories + 1],
  );
  const kept = rows
    .filter(([name, count]) => name !== null && Number(count) >= minCategoryRows)
    .slice(0, maxCategories);
  if (kept.length === 0) throw emptyFeature(feature, split);
  const known = kept.reduce((sum, [, count]) => sum + Number(count), 0);
  return {
    kind: 'category',
    feature,
    type,
    encoding,
    keys: type === 'string' ? kept.map(([name]) => String(name)) : kept.map(([name]) => Number(name)),
    other: known < Number(rows[0]?.[2]),
  };
}

async function targetScaling(learning: Learning, target: RunContext['target']): Promise<TargetScaling> {
  const { mean, deviation } = await numberStatistics(learning, target.name, target.type);
  return standardScaling(mean, deviation);
}

function emptyFeature(feature: string, split: RunSplit): MlopsError {
  return new MlopsError(
    'MLOPS_TRAINING_EMPTY_FEATURE',
    `The feature "${feature}" has no value in "${split.dataset}:${split.split}" that could be learned from. Remove it from "features", or look at the "prepare" query.`,
  );
}
