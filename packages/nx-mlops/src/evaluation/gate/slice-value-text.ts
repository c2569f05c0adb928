import type { SliceValue } from '@nx-mlops/core';

/** A slice's value for people; missing values have a name of their own. */
export function sliceValueText(value: SliceValue): string {
  return value === null ? '(missing)' : String(value);
}
