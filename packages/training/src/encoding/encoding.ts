import type { ColumnType } from '@nx-mlops/core';

/**
 * How a feature becomes numbers.
 *
 * - `standard`: a number, less its mean, over its standard deviation; the default of integers and numbers
 * - `none`: a number as it is; the default of booleans, which are 1 and 0
 * - `one-hot`: a column a category; the default of strings, possible for integers and booleans
 * - `index`: one column with the number of the category, for an Embedding layer
 */
export const encodings = ['standard', 'none', 'one-hot', 'index'] as const;
export type EncodingName = (typeof encodings)[number];

/** Types of a column that can be a feature. */
export type FeatureType = Exclude<ColumnType, 'date' | 'datetime'>;

interface Feature {
  readonly feature: string;
  readonly type: FeatureType;
}

/**
 * A number x becomes (x - offset) * scale in 32-bit floating point, and `fill` when it is missing, NaN or infinite.
 * With `indicator`, a second column is 1 where it was missing, else 0.
 */
export interface NumberEncoding extends Feature {
  readonly kind: 'number';
  readonly offset: number;
  readonly scale: number;
  readonly fill: number;
  readonly indicator: boolean;
}

/**
 * A category is looked up among `keys`, the most frequent first. A missing string is the category ''; any other missing
 * value, and any value that is not among the keys, is unknown.
 *
 * One-hot: a column a key, and one more for the unknown when training saw any (`other`); where it saw none, an unknown
 * value leaves all columns at 0, since nothing was learned about it. Index: 0 is the unknown, the keys count from 1.
 */
export interface CategoryEncoding extends Feature {
  readonly kind: 'category';
  readonly encoding: 'one-hot' | 'index';
  readonly keys: readonly string[] | readonly number[];
  readonly other: boolean;
}

export type FeatureEncoding = NumberEncoding | CategoryEncoding;

/** A regression's target y is learned as (y - offset) * scale; the exported model gives y. */
export interface TargetScaling {
  readonly offset: number;
  readonly scale: number;
}

/** Columns that one category feature takes. */
export function widthOf(encoding: CategoryEncoding): number {
  return encoding.encoding === 'index' ? 1 : encoding.keys.length + (encoding.other ? 1 : 0);
}
