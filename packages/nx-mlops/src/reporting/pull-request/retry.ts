import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure } from './api-failure';

export interface RetryOptions {
  /** In all. @default 5 */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled each time. @default 1,000 */
  readonly firstWait?: number;
  /** Milliseconds. A server that asks for more is not waited for. @default 60,000 */
  readonly longestWait?: number;
  /** What is being done, for the line that says it is tried again. @default 'The comment' */
  readonly subject?: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Repeats what fails for a passing reason, waiting longer each time and at least as long as the server asks.
 *
 * @param attempt gets its number, from 1; must be harmless to repeat
 * @throws ApiFailure the last one; another error at once
 */
export async function retry<Result>(
  attempt: (count: number) => Promise<Result>,
  {
    attempts = 5,
    firstWait = 1_000,
    longestWait = 60_000,
    subject = 'The comment',
    signal,
    print,
  }: RetryOptions,
): Promise<Result> {
  for (let count = 1; ; count++) {
    try {
      return await attempt(count);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !error.details.isPassing || count >= attempts) throw error;
      const asked = (error.details.retryAfter ?? 0) * 1000;
      if (asked > longestWait) throw error;
      // Apart from each other, so that many jobs do not come back at the same moment.
      const own = Math.min(longestWait, firstWait * 2 ** (count - 1) * (0.75 + Math.random() / 2));
      const wait = Math.max(asked, own);
      print(`${subject}: ${error.message}; trying again in ${Math.ceil(wait / 1000)} s.`);
      await sleep(wait, undefined, { signal });
    }
  }
}
