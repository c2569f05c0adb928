import { setImmediate } from 'node:timers/promises';
import { runInThreads } from './run-in-threads';
import { statBatch, type StatTask } from './stat-worker';

/** Files between two looks at the signal, and of a message to a thread. */
const BATCH_FILES = 4096;

/** Up to here threads would not be started before it is done. */
const MOST_FILES_HERE = 4 * BATCH_FILES;

interface Batch extends StatTask {
  readonly index: number;
}

/**
 * The stat of each file as `statText` writes it, in the order of the paths; `-` and the reason where it cannot be had.
 *
 * @param folder absolute
 * @param paths relative to it, forward slashes
 * @throws the reason of the signal
 */
export async function statFiles(
  folder: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const count = Math.ceil(paths.length / BATCH_FILES);
  const batches = Array.from({ length: count }, (_, index): Batch => {
    const part = paths.slice(index * BATCH_FILES, (index + 1) * BATCH_FILES);
    return { index, folder, paths: part.join('\0') };
  });
  const answers: string[] = [];
  if (paths.length <= MOST_FILES_HERE) {
    for (const batch of batches) {
      await setImmediate();
      signal?.throwIfAborted();
      answers[batch.index] = statBatch(batch);
    }
  } else {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    await runInThreads<Batch, string>(
      'stat-worker',
      batches,
      ({ index }, answer) => (answers[index] = answer),
      {
        data: undefined,
        stop,
        signal,
      },
    );
  }
  return answers.flatMap((answer) => answer.split('\n'));
}
