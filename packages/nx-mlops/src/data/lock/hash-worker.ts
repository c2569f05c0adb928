import { parentPort, workerData } from 'node:worker_threads';
import { READ_BYTES, hashFileNow, type HashedFile } from './hash-file-now';

/** Numbers that the threads share: no message is needed to stop, or to tell how far they are. */
export interface SharedCounts {
  /** [0] is not zero when all shall stop. */
  readonly stop: Int32Array;
  /** [0] bytes hashed, [1] files hashed, of all threads. */
  readonly done: BigInt64Array;
}

/** Files to hash, absolute. */
export interface HashTask {
  readonly files: readonly string[];
}

/** What a thread tells of a file; undefined for one that it did not come to before it was stopped. */
export type HashAnswer =
  HashedFile | { readonly error: { readonly code?: string; readonly message: string } } | undefined;

/** Hashes files one after the other. A file that cannot be read does not keep the others from it. */
export function hashBatch({ files }: HashTask, buffer: Buffer, { stop, done }: SharedCounts): HashAnswer[] {
  const goOn = (bytes: number) => {
    Atomics.add(done, 0, BigInt(bytes));
    return Atomics.load(stop, 0) === 0;
  };
  return files.map((file) => {
    if (Atomics.load(stop, 0) !== 0) return undefined;
    try {
      const hashed = hashFileNow(file, buffer, goOn);
      if (hashed !== undefined) Atomics.add(done, 1, 1n);
      return hashed;
    } catch (error) {
      // An error loses its code on the way to another thread.
      const { code, message } = error as NodeJS.ErrnoException;
      return { error: { code, message } };
    }
  });
}

/** As a thread: takes a task a message, answers with a list. */
if (parentPort !== null) {
  const port = parentPort;
  const counts = workerData as SharedCounts;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  port.on('message', (task: HashTask) => port.postMessage(hashBatch(task, buffer, counts)));
}
