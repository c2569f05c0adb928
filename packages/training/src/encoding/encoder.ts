import { MlopsError, suggestion } from '@nx-mlops/core';
import {
  widthOf,
  type CategoryEncoding,
  type FeatureEncoding,
  type NumberEncoding,
  type TargetScaling,
} from './encoding';

/** Name of the block that holds all features but those encoded as an index. */
const DENSE_BLOCK = 'features';

/** A matrix `[rows, width]` that the encoder gives: one model input. */
export interface EncodedBlock {
  /**
   * What a model with several inputs calls this one: `features`, or the name of the feature that is encoded as an index,
   * with a `_` for each character that TensorFlow.js does not take in a name.
   */
  readonly name: string;
  /** The feature, where it is encoded as an index. */
  readonly feature?: string;
  readonly width: number;
  /** What each column means: `distance`, `distance (missing)`, `origin = ATL`, `origin (other)`. */
  readonly columns: readonly string[];
}

/** A feature's values of many rows, small: a number (NaN where missing), or a category's place among the keys, -1 for unknown. */
export type FeatureColumn = Float32Array | Int32Array;

/**
 * Turns raw features into the numbers that a model learns from. The same encoding, with the same 32-bit arithmetic, goes
 * into the exported ONNX graph, so that training and serving cannot differ.
 *
 * The block `features` holds the numbers first, then the indicators of missing numbers, then the one-hot columns, each in
 * the order of the features. A feature encoded as an index is a block of its own.
 */
export class Encoder {
  readonly blocks: readonly EncodedBlock[];
  private readonly codes: readonly (ReadonlyMap<string | number, number> | undefined)[];

  constructor(
    /** In the order of the model's features. */
    readonly features: readonly FeatureEncoding[],
    readonly target: TargetScaling = { offset: 0, scale: 1 },
  ) {
    this.blocks = blocksOf(features);
    this.codes = features.map((feature) =>
      feature.kind === 'category' ? new Map(feature.keys.map((key, code) => [key, code])) : undefined,
    );
  }

  /** Columns of the block `features`: what `inputShape: [encoder.width]` wants. 0 when all features are indices. */
  get width(): number {
    return this.blocks.find(({ feature }) => feature === undefined)?.width ?? 0;
  }

  /** What each column of the block `features` means. */
  get featureNames(): readonly string[] {
    return this.blocks.find(({ feature }) => feature === undefined)?.columns ?? [];
  }

  /**
   * How many numbers an index can take, the unknown among them: an Embedding's `inputDim`.
   *
   * @throws MlopsError MLOPS_TRAINING_NO_CATEGORIES for a feature that is no category
   */
  categories(feature: string): number {
    const encoding = this.features.find((candidate) => candidate.feature === feature);
    if (encoding?.kind === 'category') return encoding.keys.length + 1;
    const candidates = this.features.filter(({ kind }) => kind === 'category').map((item) => item.feature);
    throw new MlopsError(
      'MLOPS_TRAINING_NO_CATEGORIES',
      `"${feature}" is no feature that is encoded as a category.${suggestion(feature, candidates)}`,
    );
  }

  /** An empty column for the values of feature number `feature`. */
  emptyColumn(feature: number, rows: number): FeatureColumn {
    return this.features[feature]?.kind === 'category' ? new Int32Array(rows) : new Float32Array(rows);
  }

  /** A raw value as it stands in a column: the number, or the category's code. Booleans count as 1 and 0. */
  valueOf(feature: number, value: string | number | boolean | null | undefined): number {
    const codes = this.codes[feature];
    const plain = typeof value === 'boolean' ? Number(value) : value;
    if (codes === undefined) return typeof plain === 'number' ? plain : NaN;
    const key = typeof plain === 'number' ? Math.fround(plain) : (plain ?? '');
    return codes.get(key) ?? -1;
  }

  /**
   * Encodes rows of columns: a matrix a block, row by row.
   *
   * @param columns a column a feature, in their order
   * @param rows which rows, in which order
   */
  encode(columns: readonly FeatureColumn[], rows: Uint32Array): Float32Array[] {
    const dense = new Float32Array(rows.length * this.width);
    const indices: Float32Array[] = [];
    const numbers = this.features.filter(({ kind }) => kind === 'number').length;
    let number = 0;
    let column = numbers;
    for (const [feature, encoding] of this.features.entries()) {
      if (encoding.kind === 'number' && encoding.indicator) {
        writeMissing(dense, this.width, column++, columns[feature] as FeatureColumn, rows);
      }
    }
    for (const [feature, encoding] of this.features.entries()) {
      const values = columns[feature] as FeatureColumn;
      if (encoding.kind === 'number') writeNumbers(dense, this.width, number++, encoding, values, rows);
      else if (encoding.encoding === 'index')
        indices.push(Float32Array.from(rows, (row) => at(values, row) + 1));
      else {
        writeOneHot(dense, this.width, column, encoding, values, rows);
        column += widthOf(encoding);
      }
    }
    return this.width === 0 ? indices : [dense, ...indices];
  }
}

function blocksOf(features: readonly FeatureEncoding[]): EncodedBlock[] {
  const columns = denseColumns(features);
  const blocks: EncodedBlock[] =
    columns.length === 0 ? [] : [{ name: DENSE_BLOCK, width: columns.length, columns }];
  for (const encoding of features) {
    if (encoding.kind !== 'category' || encoding.encoding !== 'index') continue;
    const { feature } = encoding;
    const taken = [DENSE_BLOCK, ...blocks.map(({ name }) => name)];
    blocks.push({ name: inputName(feature, taken), feature, width: 1, columns: [feature] });
  }
  return blocks;
}

function inputName(feature: string, taken: readonly string[]): string {
  let name = feature.replace(/[^A-Za-z0-9._/-]/g, '_').replace(/^[^A-Za-z0-9]/, 'x$&');
  while (taken.includes(name)) name += '_';
  return name;
}

function denseColumns(features: readonly FeatureEncoding[]): string[] {
  const numbers = features.filter((feature) => feature.kind === 'number');
  return [
    ...numbers.map(({ feature }) => feature),
    ...numbers.filter(({ indicator }) => indicator).map(({ feature }) => `${feature} (missing)`),
    ...features.flatMap((feature) =>
      feature.kind === 'category' && feature.encoding === 'one-hot'
        ? [
            ...feature.keys.map((key) => `${feature.feature} = ${key}`),
            ...(feature.other ? [`${feature.feature} (other)`] : []),
          ]
        : [],
    ),
  ];
}

function at(values: FeatureColumn, row: number): number {
  return values[row] as number;
}

function writeNumbers(
  target: Float32Array,
  width: number,
  column: number,
  { offset, scale, fill }: NumberEncoding,
  values: FeatureColumn,
  rows: Uint32Array,
): void {
  for (let index = 0; index < rows.length; index++) {
    const value = at(values, rows[index] as number);
    // Rounded after each step, as the exported graph computes it in 32 bits.
    target[index * width + column] = Number.isFinite(value) ? Math.fround(value - offset) * scale : fill;
  }
}

function writeMissing(
  target: Float32Array,
  width: number,
  column: number,
  values: FeatureColumn,
  rows: Uint32Array,
): void {
  for (let index = 0; index < rows.length; index++) {
    target[index * width + column] = Number.isFinite(at(values, rows[index] as number)) ? 0 : 1;
  }
}

function writeOneHot(
  target: Float32Array,
  width: number,
  column: number,
  { keys, other }: CategoryEncoding,
  values: FeatureColumn,
  rows: Uint32Array,
): void {
  const unknown = other ? keys.length : -1;
  for (let index = 0; index < rows.length; index++) {
    const code = at(values, rows[index] as number);
    const place = code < 0 ? unknown : code;
    if (place >= 0) target[index * width + column + place] = 1;
  }
}
