import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { READ_BYTES } from './hash-file-now';
import { hashBatch, type HashAnswer, type SharedCounts } from './hash-worker';

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

/** A thread may hang in a read, on a network disk for one. Then nobody waits for it. */
const STOP_WAIT_MS = 1000;

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
 * The pool is ours and small: a task is a list of strings, and to stop and to tell progress is shared memory.
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
        take(batch, hashBatch(pathsOf(batch), buffer, counts));
        await setImmediate();
        signal?.throwIfAborted();
      }
      return;
    }
    const rest = batches.values();
    const threads = Math.min(availableParallelism(), batches.length);
    const runs = Array.from({ length: threads }, () => runThread(counts, rest, pathsOf, take));
    const all = Promise.all(runs.map(({ done }) => done));
    try {
      await (signal === undefined ? all : Promise.race([all, abortedLongAgo(signal, all)]));
    } finally {
      stop();
      await Promise.all(runs.map(({ worker }) => worker.terminate()));
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

interface ThreadRun {
  readonly worker: Worker;
  readonly done: Promise<void>;
}

function runThread(
  counts: SharedCounts,
  rest: Iterator<readonly number[]>,
  pathsOf: (batch: readonly number[]) => string[],
  take: (batch: readonly number[], answers: readonly HashAnswer[]) => void,
): ThreadRun {
  // Tests run the sources, which a thread cannot load by itself.
  const extension = extname(__filename);
  const worker = new Worker(join(__dirname, `hash-worker${extension}`), {
    workerData: counts,
    execArgv: extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [],
  });
  const done = new Promise<void>((resolve, reject) => {
    let current: readonly number[] = [];
    const next = () => {
      const { value, done: isOver } = rest.next();
      if (isOver === true || Atomics.load(counts.stop, 0) !== 0) return resolve();
      current = value;
      worker.postMessage(pathsOf(current));
    };
    worker.on('message', (answers: readonly HashAnswer[]) => {
      try {
        take(current, answers);
        next();
      } catch (error) {
        reject(error as Error);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A hashing thread ended with code ${code}.`)));
    next();
  });
  // It is also awaited; this keeps a second failure from counting as nobody's.
  done.catch(() => undefined);
  return { worker, done };
}

/** Rejects with the reason of the signal when it aborted and `work` did not end for a while after. */
function abortedLongAgo(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => {
      const timer = setTimeout(() => reject(signal.reason as Error), STOP_WAIT_MS);
      const clear = () => clearTimeout(timer);
      work.then(clear, clear);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
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
