import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A thread may hang in a read, on a network disk for one. Then nobody waits for it. */
const STOP_WAIT_MS = 1000;

export interface ThreadOptions {
  /** Given to each thread as `workerData`. */
  readonly data: unknown;
  /** [0] is not zero when no further task shall begin; set when the signal aborts. The threads may share it. */
  readonly stop: Int32Array;
  readonly signal?: AbortSignal;
}

/**
 * Runs tasks in as many threads as there are cores: each thread gets a task as a message and answers with one.
 *
 * The pool is ours and small, for all that is asked of it is lists that go out and come back; pools from npm bring native
 * parts and no quicker messages.
 *
 * @param script name of the file beside this one that a thread runs, without extension
 * @param onAnswer gets each task with its answer as they come, in any order
 * @throws the reason of the signal, after what was done by then has been given to `onAnswer`; what a thread throws
 */
export async function runInThreads<Task, Answer>(
  script: string,
  tasks: readonly Task[],
  onAnswer: (task: Task, answer: Answer) => void,
  { data, stop, signal }: ThreadOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const stopAll = () => void Atomics.store(stop, 0, 1);
  signal?.addEventListener('abort', stopAll);
  const rest = tasks.values();
  const next = () => (Atomics.load(stop, 0) === 0 ? rest.next().value : undefined);
  const threads = Math.min(availableParallelism(), tasks.length);
  const runs = Array.from({ length: threads }, () => runThread(script, data, next, onAnswer));
  try {
    const all = Promise.all(runs.map(({ done }) => done));
    await (signal === undefined ? all : Promise.race([all, abortedLongAgo(signal, all)]));
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', stopAll);
    stopAll();
    await Promise.all(runs.map(({ worker }) => worker.terminate()));
  }
}

interface ThreadRun {
  readonly worker: Worker;
  readonly done: Promise<void>;
}

function runThread<Task, Answer>(
  script: string,
  data: unknown,
  nextTask: () => Task | undefined,
  onAnswer: (task: Task, answer: Answer) => void,
): ThreadRun {
  // Tests run the sources, which a thread cannot load by itself.
  const extension = extname(__filename);
  const worker = new Worker(join(__dirname, `${script}${extension}`), {
    workerData: data,
    execArgv: extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [],
  });
  const done = new Promise<void>((resolve, reject) => {
    let task: Task | undefined;
    const next = () => {
      task = nextTask();
      if (task === undefined) resolve();
      else worker.postMessage(task);
    };
    worker.on('message', (answer: Answer) => {
      try {
        onAnswer(task as Task, answer);
        next();
      } catch (error) {
        reject(error as Error);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A thread of ${script} ended with code ${code}.`)));
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
