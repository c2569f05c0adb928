import type { SliceValue } from '@nx-mlops/core';

export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** A column of few distinct values, one code a row: slices, groups of fairness. */
export interface CodedColumn {
  /** The column, or the name of the expression. */
  readonly name: string;
  /** In the order in which reports show them. */
  readonly values: readonly SliceValue[];
  /** Index into `values` of each row; `values.length` for a value that was left out. */
  readonly codes: Codes;
}

/** The smallest array that can hold these codes. */
export function allocateCodes(rows: number, highest: number): Codes {
  if (highest < 2 ** 8) return new Uint8Array(rows);
  if (highest < 2 ** 16) return new Uint16Array(rows);
  return new Uint32Array(rows);
}

/** Row numbers of each value, rising, in one pass over the rows whatever the number of values. */
export function rowsByValue({ values, codes }: Pick<CodedColumn, 'values' | 'codes'>): Uint32Array[] {
  const counts = new Uint32Array(values.length + 1);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  const rows = values.map((_, code) => new Uint32Array(counts[code] as number));
  const filled = new Uint32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code >= values.length) continue;
    const at = filled[code] as number;
    (rows[code] as Uint32Array)[at] = row;
    filled[code] = at + 1;
  }
  return rows;
}
