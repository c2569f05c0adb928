/** Milliseconds before the first retry. */
const FIRST = 1_000;
/** Milliseconds between retries at most. */
const LONGEST = 60_000;

/**
 * How long to wait after a number of failures in a row: 1 s, 2 s, 4 s, … up to a minute.
 *
 * @param failures from 1
 * @returns milliseconds
 */
export function retryDelay(failures: number): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 30));
}
