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
const LAST_DIGIT = BUCKETS - 1;

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
  // Before the first pass writes over the keys.
  const starts = startsByDigit(keys);
  for (const [digit, next] of starts.entries()) {
    distribute(rows, spare, digit * DIGIT_BITS, next);
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

/** Of each digit the place at which each of its values begins, once they are sorted by it. */
function startsByDigit(keys: Uint32Array): readonly Uint32Array[] {
  const [low, middle, high] = [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)];
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] as number;
    const ofLow = key & LAST_DIGIT;
    const ofMiddle = (key >>> DIGIT_BITS) & LAST_DIGIT;
    const ofHigh = key >>> (2 * DIGIT_BITS);
    low[ofLow] = (low[ofLow] as number) + 1;
    middle[ofMiddle] = (middle[ofMiddle] as number) + 1;
    high[ofHigh] = (high[ofHigh] as number) + 1;
  }
  const counts = [low, middle, high];
  for (const each of counts) {
    let start = 0;
    for (let value = 0; value < BUCKETS; value++) {
      const count = each[value] as number;
      each[value] = start;
      start += count;
    }
  }
  return counts;
}

/** One pass of a radix sort. Stable: what has the same digit keeps its order. */
function distribute(from: SortedKeys, to: SortedKeys, shift: number, next: Uint32Array): void {
  const { order, keys } = from;
  const { order: toOrder, keys: toKeys } = to;
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] as number;
    const digit = (key >>> shift) & LAST_DIGIT;
    const at = next[digit] as number;
    toKeys[at] = key;
    toOrder[at] = order[place] as number;
    next[digit] = at + 1;
  }
}
