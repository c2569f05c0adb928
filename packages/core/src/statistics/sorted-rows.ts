import { rankRows, sortKeys } from './intervals/ranked-rows';
import type { FloatArray } from './numbers';

/** The rows of a binary sample by rising score: what rankings of all rows and of any part of them are read off. */
export interface SortedRows {
  /** Row numbers. */
  readonly order: Uint32Array;
  /** In that order. */
  readonly scores: FloatArray;
  /** In that order. */
  readonly labels: Uint8Array;
}

/**
 * @param scores one a row, finite
 * @param labels 0 or 1 a row
 */
export function sortRows({
  scores,
  labels,
}: {
  readonly scores: FloatArray;
  readonly labels: Uint8Array;
}): SortedRows {
  const packed = scores instanceof Float32Array ? packedKeys(scores, labels) : undefined;
  if (packed !== undefined) return unpacked(packed);
  const { order } = rankRows(scores);
  const sortedScores =
    scores instanceof Float32Array ? new Float32Array(scores.length) : new Float64Array(scores.length);
  const sortedLabels = new Uint8Array(labels.length);
  for (let place = 0; place < order.length; place++) {
    const row = order[place] as number;
    sortedScores[place] = scores[row] as number;
    sortedLabels[place] = labels[row] as number;
  }
  return { order, scores: sortedScores, labels: sortedLabels };
}

/**
 * Bits of 32-bit scores with the label as the last one. Those of a number of at least 0 order as the number does and leave
 * one bit free; so sorted, scores and labels need not be looked up by row, each time outside the processor's cache.
 *
 * @returns undefined where a score is below 0, or -0
 */
function packedKeys(scores: Float32Array, labels: Uint8Array): Uint32Array | undefined {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Uint32Array(scores.length);
  for (let row = 0; row < bits.length; row++) {
    const own = bits[row] as number;
    if (own >>> 31 === 1) return undefined;
    keys[row] = (own << 1) | (labels[row] as number);
  }
  return keys;
}

function unpacked(packed: Uint32Array): SortedRows {
  const { order, keys } = sortKeys(packed);
  const labels = new Uint8Array(keys.length);
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] as number;
    labels[place] = key & 1;
    keys[place] = key >>> 1;
  }
  return { order, scores: new Float32Array(keys.buffer), labels };
}
