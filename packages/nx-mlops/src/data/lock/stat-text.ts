import type { BigIntStats } from 'node:fs';

/** What a stat tells of a file's state, in the order of `statText`. */
type FileState = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ino' | 'ctimeNs'>;

/** How many numbers the state of a file takes in an array of states. */
export const NUMBERS_OF_STATE = 4;

/**
 * What tells that a file is as it was: size, modification time, inode and change time, in whole nanoseconds, which are
 * beyond what a number holds.
 */
export function statText({ size, mtimeNs, ino, ctimeNs }: FileState): string {
  return `${size} ${mtimeNs} ${ino} ${ctimeNs}`;
}

/** The size in bytes, from a text of `statText`. */
export function sizeOfStat(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}

/** Puts the state of a file into an array of states, which goes to another thread in no time and is digested at once. */
export function putState(
  states: BigInt64Array,
  index: number,
  { size, mtimeNs, ino, ctimeNs }: FileState,
): void {
  const at = index * NUMBERS_OF_STATE;
  states[at] = size;
  states[at + 1] = mtimeNs;
  states[at + 2] = ino;
  states[at + 3] = ctimeNs;
}

/** A file's state from an array of states, as `statText` writes it. */
export function stateText(states: BigInt64Array, index: number): string {
  return states.subarray(index * NUMBERS_OF_STATE, (index + 1) * NUMBERS_OF_STATE).join(' ');
}

/** The size in bytes of a file in an array of states. */
export function sizeOfState(states: BigInt64Array, index: number): number {
  return Number(states[index * NUMBERS_OF_STATE]);
}
