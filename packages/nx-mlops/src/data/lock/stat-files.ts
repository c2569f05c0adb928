import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { runInThreads } from './run-in-threads';
import { statBatch, type StatTask } from './stat-worker';

/** Files between two looks at the signal. */
const BATCH_FILES = 4096;

/** Files of a message to a thread. Large, so that the threads have work while this one is busy with something else. */
const THREAD_BATCH_FILES = 8 * BATCH_FILES;

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
  const inThreads = paths.length > MOST_FILES_HERE;
  const size = inThreads ? batchOfThread(paths.length) : BATCH_FILES;
  const count = Math.ceil(paths.length / size);
  const batches = Array.from({ length: count }, (_, index): Batch => {
    const part = paths.slice(index * size, (index + 1) * size);
    return { index, folder, paths: part.join('\0') };
  });
  const answers: string[] = [];
  if (!inThreads) {
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

/** Two batches for each core at least, so that they end at about the same time. */
function batchOfThread(files: number): number {
  return Math.min(THREAD_BATCH_FILES, Math.ceil(files / (2 * availableParallelism())));
}
