import { rowsOf, type Sample } from '@nx-mlops/core';
import type { Codes } from './coded-column';

/**
 * Rows of the rest that a slice is compared with, at most: beyond, the noise of the slice is what counts, and a hundred
 * slices of millions of rows would each be measured a hundred times.
 */
const mostRestRows = 10_000;
const all = 2 ** 32;

/**
 * Some rows that are not in a slice, about 10,000 where there are more, the same each time; whole groups and queries only.
 *
 * @param others how many rows are not in the slice
 * @returns row numbers, rising
 */
export type RestSampler = (codes: Codes, code: number, others: number) => Uint32Array;

export function restSampler(sample: Sample): RestSampler {
  const rows = rowsOf(sample);
  const together = sample.groups ?? (sample.task === 'ranking' ? sample.queries : undefined);
  const place = (row: number) => scramble(together?.[row] ?? row);
  // Rows that a slice of up to half of the rows may ask for: found once, where most slices are that small.
  const likelyLimit = limitOf(rows / 2);
  let likely: Uint32Array | undefined;
  return (codes, code, others) => {
    const limit = limitOf(others);
    const chosen: number[] = [];
    const consider = (row: number) => {
      if (codes[row] !== code && (limit === all || place(row) < limit)) chosen.push(row);
    };
    if (limit > likelyLimit || likelyLimit === all) for (let row = 0; row < rows; row++) consider(row);
    else {
      likely ??= rowsBelow(likelyLimit, rows, place);
      likely.forEach(consider);
    }
    return Uint32Array.from(chosen);
  };
}

/** Rows are chosen whose place is below it. */
function limitOf(others: number): number {
  return Math.min(1, mostRestRows / others) * all;
}

function rowsBelow(limit: number, rows: number, place: (row: number) => number): Uint32Array {
  const below: number[] = [];
  for (let row = 0; row < rows; row++) if (place(row) < limit) below.push(row);
  return Uint32Array.from(below);
}

/**
 * A number below 2^32 for each number below 2^32, without pattern.
 *
 * Source: the finaliser of MurmurHash3, A. Appleby, 2011.
 */
function scramble(value: number): number {
  let bits = value ^ 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
