import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { runInThreads } from '../../processes/run-in-threads';
import { READ_BYTES } from './hash-file-now';
import { hashBatch, type HashAnswer, type HashTask, type SharedCounts } from './hash-worker';

export interface FileToHash {
  /** Absolute. */
  readonly file: string;
  /** Bytes, as far as known; only the division of the work depends on it. */
  readonly size: number;
}

/** Up to here it takes less time to hash than to start a thread (some 40 ms). */
const MOST_BYTES_HERE = 32 << 20;
const MOST_FILES_HERE = 256;

/** Files and bytes of a message to a thread: 100,000 small files are 400 messages, and no thread is last for long. */
const BATCH_FILES = 256;
const BATCH_BYTES = 32 << 20;

/** Counters for `hashFiles`, to be read while it runs. */
export function newCounts(): SharedCounts {
  return {
    stop: new Int32Array(new SharedArrayBuffer(4)),
    done: new BigInt64Array(new SharedArrayBuffer(16)),
  };
}

/**
 * Hashes files, with as many threads as there are cores; few small ones on this thread. Memory does not depend on the
 * size of the files.
 *
 * @param onAnswer gets each file's index and answer as they come, in any order
 * @throws the reason of the signal, after what was done by then has been given to `onAnswer`
 */
export async function hashFiles(
  files: readonly FileToHash[],
  onAnswer: (index: number, answer: NonNullable<HashAnswer>) => void,
  { signal, counts = newCounts() }: { readonly signal?: AbortSignal; readonly counts?: SharedCounts } = {},
): Promise<void> {
  signal?.throwIfAborted();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const batches = batchesOf(files);
  const take = (batch: readonly number[], answers: readonly HashAnswer[]) =>
    answers.forEach((answer, at) => {
      if (answer !== undefined) onAnswer(batch[at] as number, answer);
    });
  const pathsOf = (batch: readonly number[]) => batch.map((index) => (files[index] as FileToHash).file);
  const stop = () => void Atomics.store(counts.stop, 0, 1);
  signal?.addEventListener('abort', stop);
  try {
    if (bytes <= MOST_BYTES_HERE && files.length <= MOST_FILES_HERE) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, Math.max(1, bytes + 1)));
      for (const batch of batches) {
        take(batch, hashBatch({ files: pathsOf(batch) }, buffer, counts));
        await setImmediate();
        signal?.throwIfAborted();
      }
      return;
    }
    await runInThreads<Batch, HashAnswer[]>(
      join(__dirname, 'hash-worker'),
      batches.map((indices) => ({ indices, files: pathsOf(indices) })),
      ({ indices }, answers) => take(indices, answers),
      { data: counts, stop: counts.stop, signal },
    );
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

interface Batch extends HashTask {
  readonly indices: readonly number[];
}

/** Indices of the files, divided into tasks: the largest first, so that none is begun when the others are done. */
function batchesOf(files: readonly FileToHash[]): number[][] {
  const sizeOf = (index: number) => (files[index] as FileToHash).size;
  const indices = [...files.keys()];
  const large = indices.filter((index) => sizeOf(index) >= BATCH_BYTES).sort((a, b) => sizeOf(b) - sizeOf(a));
  const batches = large.map((index) => [index]);
  let batch: number[] = [];
  let bytes = 0;
  for (const index of indices) {
    if (sizeOf(index) >= BATCH_BYTES) continue;
    batch.push(index);
    bytes += sizeOf(index);
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    batches.push(batch);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
