import type { FairnessResult, SliceValue } from '../manifest/evaluation';
import type { BinarySample } from './sample';

/**
 * Rates of each group of rows and how far they lie apart. Groups with fewer than `minRows` rows are shown, and left out
 * of the differences.
 *
 * @param groups rows of each value of the column
 */
export function groupFairness(
  sample: BinarySample,
  column: string,
  groups: readonly { readonly value: SliceValue; readonly rows: Uint32Array }[],
  options: { readonly minRows: number; readonly confidence: number; readonly seed?: number },
): FairnessResult {
  throw new Error(`contract only: ${sample.labels.length} ${column} ${groups.length} ${options.minRows}`);
}
