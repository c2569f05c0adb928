import type { SliceValue } from '@nx-mlops/core';
import { rowsByValue } from '../coded-column';
import type { StoredSlice } from '../read-predictions';

/** Rows of each value of a slice; found once, however many gates ask. */
export function rowsOfValues(slice: StoredSlice): ReadonlyMap<SliceValue, Uint32Array> {
  const known = found.get(slice);
  if (known !== undefined) return known;
  const rows = rowsByValue(slice);
  const byValue = new Map(slice.values.map((value, code) => [value, rows[code] as Uint32Array]));
  found.set(slice, byValue);
  return byValue;
}

const found = new WeakMap<StoredSlice, ReadonlyMap<SliceValue, Uint32Array>>();
