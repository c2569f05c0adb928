import type { BigIntStats } from 'node:fs';

/**
 * What tells that a file is as it was: size, modification time, inode and change time, in whole nanoseconds, which are
 * beyond what a number holds.
 */
export function statText({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ino} ${ctimeNs}`;
}

/** The size in bytes, from a text of `statText`. */
export function sizeOfStat(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}
