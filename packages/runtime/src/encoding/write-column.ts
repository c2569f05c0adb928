import type { ColumnType } from '@nx-mlops/core';
import { MlopsError } from '@nx-mlops/core/light';
import type { ColumnValues } from '../column-batch';
import type { TensorData, TensorType } from '../tensor';

export interface Feature {
  readonly name: string;
  readonly type: ColumnType;
}

/** Where a column goes: element `offset + row * stride` of `data`. */
export interface ColumnTarget {
  readonly type: TensorType;
  readonly data: TensorData;
  readonly offset: number;
  readonly stride: number;
}

/**
 * Writes a column's values as the input's element type. Floats keep NaN for missing; a missing string becomes ''.
 *
 * @throws MlopsError MLOPS_BATCH_COLUMN when the column is of another kind than the feature; MLOPS_BATCH_VALUE when
 *   a value is missing or outside the range of an integer or bool input
 */
export function writeColumn(target: ColumnTarget, values: ColumnValues, feature: Feature): void {
  const { data } = target;
  if (Array.isArray(data)) writeStrings(data, target, values, feature);
  else if (data instanceof Float32Array || data instanceof Float64Array)
    writeFloats(data, target, values, feature);
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    writeBigInts(data, target, values, feature);
  } else writeIntegers(data, target, values, feature);
}

function writeStrings(
  data: string[],
  { offset, stride }: ColumnTarget,
  values: ColumnValues,
  feature: Feature,
): void {
  if (!Array.isArray(values)) throw wrongKind(feature, 'strings', values);
  for (let row = 0, at = offset; row < values.length; row += 1, at += stride) {
    const value: unknown = values[row];
    if (typeof value === 'string') data[at] = value;
    else if (value === null || value === undefined) data[at] = '';
    else throw wrongKind(feature, 'strings', values);
  }
}

function writeFloats(
  data: Float32Array | Float64Array,
  { offset, stride }: ColumnTarget,
  values: ColumnValues,
  feature: Feature,
): void {
  if (stride === 1 && isNumberArray(values)) {
    data.set(values, offset);
    return;
  }
  const read = numberReader(values, feature);
  for (let row = 0, at = offset; row < values.length; row += 1, at += stride) data[at] = read(row);
}

function writeIntegers(
  data: Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array,
  { type, offset, stride }: ColumnTarget,
  values: ColumnValues,
  feature: Feature,
): void {
  const read = numberReader(values, feature);
  const [least, greatest] = integerRange(type);
  for (let row = 0, at = offset; row < values.length; row += 1, at += stride) {
    const value = read(row);
    if (!Number.isInteger(value) || value < least || value > greatest)
      throw unfitValue(feature, row, value, type);
    data[at] = value;
  }
}

function writeBigInts(
  data: BigInt64Array | BigUint64Array,
  { type, offset, stride }: ColumnTarget,
  values: ColumnValues,
  feature: Feature,
): void {
  const least = type === 'uint64' ? 0 : Number.MIN_SAFE_INTEGER;
  const read = values instanceof BigInt64Array ? undefined : numberReader(values, feature);
  for (let row = 0, at = offset; row < values.length; row += 1, at += stride) {
    if (read === undefined) {
      const value = values[row] as bigint;
      if (type === 'uint64' && value < 0n) throw unfitValue(feature, row, value, type);
      data[at] = value;
    } else {
      const value = read(row);
      if (!Number.isSafeInteger(value) || value < least) throw unfitValue(feature, row, value, type);
      data[at] = BigInt(value);
    }
  }
}

/** Reads row by row as a number: booleans as 0 and 1, a missing one as NaN. */
function numberReader(values: ColumnValues, feature: Feature): (row: number) => number {
  if (isNumberArray(values)) return (row) => values[row] as number;
  if (values instanceof BigInt64Array) return (row) => Number(values[row]);
  return (row) => {
    const value: unknown = values[row];
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (value === null || value === undefined) return Number.NaN;
    throw wrongKind(feature, feature.type === 'boolean' ? 'booleans' : 'numbers', values);
  };
}

function isNumberArray(values: ColumnValues): values is Float32Array | Float64Array | Int32Array {
  return values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array;
}

/** Both ends included. */
function integerRange(type: TensorType): readonly [least: number, greatest: number] {
  switch (type) {
    case 'bool':
      return [0, 1];
    case 'int8':
      return [-(2 ** 7), 2 ** 7 - 1];
    case 'int16':
      return [-(2 ** 15), 2 ** 15 - 1];
    case 'int32':
      return [-(2 ** 31), 2 ** 31 - 1];
    case 'uint8':
      return [0, 2 ** 8 - 1];
    case 'uint16':
      return [0, 2 ** 16 - 1];
    case 'uint32':
      return [0, 2 ** 32 - 1];
    case 'float32':
    case 'float64':
    case 'float16':
    case 'int64':
    case 'uint64':
    case 'string':
      throw new TypeError(`${type} is no integer of up to 32 bits`);
    default:
      return type satisfies never;
  }
}

function unfitValue(feature: Feature, row: number, value: number | bigint, type: TensorType): MlopsError {
  const found = Number.isNaN(value) ? 'is missing' : `is ${value}`;
  const wanted = type === 'bool' ? '0 or 1' : `a whole number that fits ${type}`;
  return new MlopsError(
    'MLOPS_BATCH_VALUE',
    `feature "${feature.name}" ${found} in row ${row} of the batch, but the model takes ${wanted}. ` +
      'Fill missing values in the prepare SQL, or let the model take float32, where NaN stands for missing.',
  );
}

function wrongKind(feature: Feature, wanted: string, values: ColumnValues): MlopsError {
  const found = Array.isArray(values)
    ? `an array of ${typeof (values as readonly unknown[]).find((value) => value !== null && value !== undefined)}s`
    : values.constructor.name;
  return new MlopsError(
    'MLOPS_BATCH_COLUMN',
    `column "${feature.name}" came as ${found}, but the model takes ${wanted} for this feature of type ${feature.type}.`,
  );
}
