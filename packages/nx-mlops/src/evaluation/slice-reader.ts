import { MlopsError, type Column } from '@nx-mlops/core';
import type { ColumnValues } from '@nx-mlops/runtime';

/** A value that a slice is made of; null for missing values. */
export type SliceValue = string | number | boolean | null;

/** Rows of one value of a slice column. */
export interface Slice {
  readonly column: string;
  readonly value: SliceValue;
  /** Row numbers, rising. */
  readonly rows: Uint32Array;
}

/** Most distinct values of a slice column: beyond, it is an identifier or a quantity, and no slice says anything. */
export const maximumSliceValues = 10_000;

/** Slices of a column that are kept: the largest ones. */
export const keptSlices = 100;

/** Takes a slice column in, batch by batch, in four bytes a row. */
export interface SliceReader {
  /** @throws MlopsError MLOPS_SLICE_VALUES when the column has too many distinct values */
  take(values: ColumnValues, offset: number, rows: number): void;
  /** The largest slices, falling by rows, and how many smaller ones were left out. */
  slices(): { readonly kept: Slice[]; readonly leftOut: number };
}

/** @param where the split as people name it, such as `flights:test` */
export function sliceReader(column: Column, rows: number, where: string): SliceReader {
  const codes = new Uint32Array(rows);
  const codeOf = new Map<SliceValue, number>();
  const counts: number[] = [];
  const add = (value: SliceValue): number => {
    if (counts.length === maximumSliceValues) throw tooMany(column.name, where);
    const code = counts.push(0) - 1;
    codeOf.set(value, code);
    return code;
  };
  return {
    take(values, offset, count) {
      for (let row = 0; row < count; row++) {
        const value = sliceValue(values[row], column);
        const code = codeOf.get(value) ?? add(value);
        codes[offset + row] = code;
        counts[code] = (counts[code] as number) + 1;
      }
    },
    slices() {
      const ranked = [...codeOf]
        .map(([value, code]) => ({ value, code, rows: counts[code] as number }))
        .sort((a, b) => b.rows - a.rows || compare(a.value, b.value));
      const kept = ranked.slice(0, keptSlices);
      const rowsOf = gatherRows(codes, new Map(kept.map(({ code, rows: size }) => [code, size])));
      return {
        kept: kept.map(({ value, code }) => ({
          column: column.name,
          value,
          rows: rowsOf.get(code) as Uint32Array,
        })),
        leftOut: ranked.length - kept.length,
      };
    },
  };
}

/** One pass over the rows, whatever the number of slices. */
function gatherRows(codes: Uint32Array, sizes: ReadonlyMap<number, number>): Map<number, Uint32Array> {
  const rowsOf = new Map([...sizes].map(([code, size]) => [code, new Uint32Array(size)]));
  const filled = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    const rows = rowsOf.get(code);
    if (rows === undefined) continue;
    const at = filled.get(code) ?? 0;
    rows[at] = row;
    filled.set(code, at + 1);
  }
  return rowsOf;
}

function sliceValue(value: ColumnValues[number] | undefined, { type }: Column): SliceValue {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (type === 'boolean') return Boolean(value);
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Numbers by size, text by code unit, missing values last. */
function compare(a: SliceValue, b: SliceValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function tooMany(column: string, where: string): MlopsError {
  return new MlopsError(
    'MLOPS_SLICE_VALUES',
    `"${column}" has more than ${maximumSliceValues} distinct values in ${where}, too many to measure one by one. Slice by a column that groups rows, such as a band or a region made in the prepare SQL.`,
    { path: 'evaluation.slices' },
  );
}
