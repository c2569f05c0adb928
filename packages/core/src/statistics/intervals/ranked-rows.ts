import type { FloatArray } from '../numbers';

/** Rows by rising score, and where each distinct score begins among them. */
export interface RankedRows {
  /** Row numbers. */
  readonly order: Uint32Array;
  /** Rows of the i-th distinct score: `order[starts[i]]` up to, without, `order[starts[i + 1]]`. */
  readonly starts: Uint32Array;
}

/** @param scores one a row, none of them NaN; 0 and -0 are one score */
export function rankRows(scores: FloatArray): RankedRows {
  const order = scores.length < WORTH_IT ? comparedOrder(scores) : radixOrder(scores);
  const starts = new Uint32Array(order.length + 1);
  let distinct = 0;
  let last = NaN;
  for (let place = 0; place < order.length; place++) {
    const score = scores[order[place] as number] as number;
    if (score !== last) starts[distinct++] = place;
    last = score;
  }
  starts[distinct] = order.length;
  return { order, starts: starts.subarray(0, distinct + 1) };
}

/** Below it the native sort is as quick. */
const WORTH_IT = 2_000;
const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;

function comparedOrder(scores: FloatArray): Uint32Array {
  return rowNumbers(scores.length).sort((one, other) => (scores[one] as number) - (scores[other] as number));
}

function rowNumbers(rows: number): Uint32Array {
  const numbers = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  return numbers;
}

/** By the bits of the scores, turned so that they order as the numbers do. */
function radixOrder(scores: FloatArray): Uint32Array {
  const [first, ...others] = sortableWords(scores) as [Uint32Array, ...Uint32Array[]];
  let { order } = sortKeys(first);
  for (const word of others) {
    const keys = new Uint32Array(word.length);
    for (let place = 0; place < word.length; place++) keys[place] = word[order[place] as number] as number;
    order = sortKeys(keys, order).order;
  }
  return order;
}

/**
 * Sorts keys with their row numbers, stably.
 *
 * @param keys overwritten
 * @param order row number of each key, overwritten; their places when left out
 */
export function sortKeys(keys: Uint32Array, order = rowNumbers(keys.length)): SortedKeys {
  let rows: SortedKeys = { order, keys };
  let spare: SortedKeys = { order: new Uint32Array(keys.length), keys: new Uint32Array(keys.length) };
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    distribute(rows, spare, shift);
    [rows, spare] = [spare, rows];
  }
  return rows;
}

/** Row numbers with their keys beside them: looked up by row they would miss the processor's cache. */
export interface SortedKeys {
  readonly order: Uint32Array;
  readonly keys: Uint32Array;
}

/** One word of 32 bits a score, or the lower ones, then the upper ones. */
function sortableWords(scores: FloatArray): Uint32Array[] {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.byteLength / 4);
  const lower = new Uint32Array(scores.length);
  if (scores instanceof Float32Array) {
    for (let row = 0; row < scores.length; row++) lower[row] = sortable(bits[row] as number);
    return [lower];
  }
  const upper = new Uint32Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    // Little-endian, as all machines are that Node runs on.
    const high = bits[2 * row + 1] as number;
    lower[row] = high >>> 31 === 1 ? ~(bits[2 * row] as number) : (bits[2 * row] as number);
    upper[row] = sortable(high);
  }
  return [lower, upper];
}

/** Positive numbers above the negative ones, which count backwards. */
function sortable(bits: number): number {
  return bits >>> 31 === 1 ? ~bits : bits | 0x80000000;
}

/** One pass of a radix sort. Stable: what has the same digit keeps its order. */
function distribute(from: SortedKeys, to: SortedKeys, shift: number): void {
  const next = new Uint32Array(BUCKETS + 1);
  for (let place = 0; place < from.keys.length; place++) {
    const bucket = ((from.keys[place] as number) >>> shift) & (BUCKETS - 1);
    next[bucket + 1] = (next[bucket + 1] as number) + 1;
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    next[bucket + 1] = (next[bucket + 1] as number) + (next[bucket] as number);
  }
  for (let place = 0; place < from.keys.length; place++) {
    const key = from.keys[place] as number;
    const bucket = (key >>> shift) & (BUCKETS - 1);
    const at = next[bucket] as number;
    to.keys[at] = key;
    to.order[at] = from.order[place] as number;
    next[bucket] = at + 1;
  }
}
