import { statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { NUMBERS_OF_STATE, putState, sizeOfState } from './stat-text';

/** Files to look at. */
export interface StatTask {
  /** Absolute. */
  readonly folder: string;
  /** Relative to it, with a NUL between: one text goes to another thread in no time, where a list of texts does not. */
  readonly paths: string;
}

export interface StatAnswer {
  /** As `putState` puts them, in the order of the paths. Of a file without one there are zeros. */
  readonly states: BigInt64Array<ArrayBuffer>;
  /** Of all files together. */
  readonly bytes: number;
  /** The files that have no state, and why. */
  readonly failures: readonly StatFailure[];
}

export interface StatFailure {
  /** Of the path in the task. */
  readonly index: number;
  /** Such as `ENOENT`; absent for what is no regular file. */
  readonly code?: string;
  readonly reason: string;
}

/**
 * Looks at files. Synchronous: for 100,000 files a promise each would cost more than the looking.
 */
export function statBatch({ folder, paths }: StatTask): StatAnswer {
  const list = paths.split('\0');
  const states = new BigInt64Array(list.length * NUMBERS_OF_STATE);
  const failures: StatFailure[] = [];
  let bytes = 0;
  for (const [index, path] of list.entries()) {
    try {
      // Not `join`, which takes longer than the call into the system.
      const stats = statSync(`${folder}/${path}`, { bigint: true });
      if (!stats.isFile()) {
        failures.push({ index, reason: 'it is no regular file' });
        continue;
      }
      putState(states, index, stats);
      bytes += sizeOfState(states, index);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      failures.push({ index, reason: message, ...(code === undefined ? {} : { code }) });
    }
  }
  return { states, bytes, failures };
}

/** As a thread: takes a task a message, answers with the states, which move over without being copied. */
if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (task: StatTask) => {
    const answer = statBatch(task);
    port.postMessage(answer, [answer.states.buffer]);
  });
}
