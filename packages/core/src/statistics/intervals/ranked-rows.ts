import type { FloatArray } from '../numbers';

/** Rows by rising score, and where each distinct score begins among them. */
export interface RankedRows {
  /** Row numbers. */
  readonly order: Uint32Array;
  /** Rows of the i-th distinct score: `order[starts[i]]` up to, without, `order[starts[i + 1]]`. */
  readonly starts: Uint32Array;
}

/** @param scores one a row, none of them NaN */
export function rankRows(scores: FloatArray): RankedRows {
  const order = sortedOrder(scores);
  const starts = new Uint32Array(order.length + 1);
  let distinct = 0;
  for (let place = 0; place < order.length; place++) {
    if (place === 0 || scores[order[place] as number] !== scores[order[place - 1] as number]) {
      starts[distinct++] = place;
    }
  }
  starts[distinct] = order.length;
  return { order, starts: starts.slice(0, distinct + 1) };
}

/** Below it the native sort is as quick. */
const WORTH_IT = 2_000;
const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;

function sortedOrder(scores: FloatArray): Uint32Array {
  const order = Uint32Array.from(scores, (_, row) => row);
  if (scores.length < WORTH_IT) {
    return order.sort((one, other) => (scores[one] as number) - (scores[other] as number));
  }
  let from: Uint32Array = order;
  let to: Uint32Array = new Uint32Array(order.length);
  for (const key of sortKeys(scores)) {
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      distribute(from, to, key, shift);
      [from, to] = [to, from];
    }
  }
  return from;
}

/** The bits of the scores, so that they order as the numbers do: one word of 32 bits, or the lower and the upper one. */
function sortKeys(scores: FloatArray): Uint32Array[] {
  const bits = new Uint32Array(scores.slice().buffer);
  if (scores instanceof Float32Array) {
    for (let row = 0; row < bits.length; row++) {
      const word = bits[row] as number;
      bits[row] = word >>> 31 === 1 ? ~word : word | 0x80000000;
    }
    return [bits];
  }
  const lower = new Uint32Array(scores.length);
  const upper = new Uint32Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    // Little-endian, as all machines are that Node runs on.
    const low = bits[2 * row] as number;
    const high = bits[2 * row + 1] as number;
    const negative = high >>> 31 === 1;
    lower[row] = negative ? ~low : low;
    upper[row] = negative ? ~high : high | 0x80000000;
  }
  return [lower, upper];
}

/** One pass of a radix sort. Stable: what has the same digit keeps its order. */
function distribute(from: Uint32Array, to: Uint32Array, key: Uint32Array, shift: number): void {
  const next = new Uint32Array(BUCKETS + 1);
  for (let row = 0; row < key.length; row++) {
    const bucket = ((key[row] as number) >>> shift) & (BUCKETS - 1);
    next[bucket + 1] = (next[bucket + 1] as number) + 1;
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    next[bucket + 1] = (next[bucket + 1] as number) + (next[bucket] as number);
  }
  for (let place = 0; place < from.length; place++) {
    const row = from[place] as number;
    const bucket = ((key[row] as number) >>> shift) & (BUCKETS - 1);
    const at = next[bucket] as number;
    to[at] = row;
    next[bucket] = at + 1;
  }
}
