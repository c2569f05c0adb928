import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** A thread may hang in a read, on a network disk for one. Then nobody waits for it. */
const STOP_WAIT_MS = 1000;

export interface ThreadOptions<Task, Answer> {
  /** Given to each thread as `workerData`. */
  readonly data: unknown;
  /** [0] is not zero when no further task shall begin; set when the signal aborts. The threads may share it. */
  readonly stop: Int32Array;
  readonly signal?: AbortSignal;
  /** @default as many as there are cores */
  readonly threads?: number;
  /** Tasks that a thread is given before it has answered. More than one where this thread may be slow to give the next. @default 1 */
  readonly ahead?: number;
  /** Tasks are done by this thread too, and by it alone where they are no more than `alone`. */
  readonly here?: { readonly run: (task: Task) => Answer; readonly alone: number };
}

/**
 * Runs tasks in as many threads as there are cores: each thread gets a task as a message and answers with one.
 *
 * The pool is ours and small, for all that is asked of it is lists that go out and come back; pools from npm bring native
 * parts and no quicker messages.
 *
 * @param script the file that a thread runs, absolute, without extension
 * @param tasks each is asked for when it is to begin
 * @param onAnswer gets each task with its answer as they come, in any order
 * @throws the reason of the signal, after what was done by then has been given to `onAnswer`; what a thread or `tasks`
 *   throws
 */
export async function runInThreads<Task, Answer>(
  script: string,
  tasks: Iterable<Task>,
  onAnswer: (task: Task, answer: Answer) => void,
  { data, stop, signal, threads = availableParallelism(), ahead = 1, here }: ThreadOptions<Task, Answer>,
): Promise<void> {
  signal?.throwIfAborted();
  const stopAll = () => void Atomics.store(stop, 0, 1);
  signal?.addEventListener('abort', stopAll);
  const rest = lookAhead(tasks);
  const next = () => (Atomics.load(stop, 0) === 0 ? rest.next() : undefined);
  const runs: ThreadRun[] = [];
  const workHere = async (run: (task: Task) => Answer) => {
    for (let task = next(); task !== undefined; task = next()) {
      onAnswer(task, run(task));
      // Lets answers and the signal in.
      await setImmediate();
    }
  };
  try {
    const areMany = rest.isLongerThan(here?.alone ?? 0);
    while (areMany && runs.length < threads && rest.isLongerThan(0)) {
      runs.push(runThread(script, data, { next, onAnswer, ahead }));
    }
    const all = Promise.all([...runs.map(({ done }) => done), here && workHere(here.run)]);
    await (signal === undefined ? all : Promise.race([all, abortedLongAgo(signal, all)]));
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', stopAll);
    stopAll();
    await Promise.all(runs.map(({ worker }) => worker.terminate()));
  }
}

/** Tasks one by one, of which can be asked whether there are more than so many. */
function lookAhead<Task>(tasks: Iterable<Task>): {
  next: () => Task | undefined;
  isLongerThan: (count: number) => boolean;
} {
  const rest = tasks[Symbol.iterator]();
  const waiting: Task[] = [];
  return {
    next: () => waiting.shift() ?? (rest.next().value as Task | undefined),
    isLongerThan: (count) => {
      while (waiting.length <= count) {
        const { done, value } = rest.next();
        if (done === true) return false;
        waiting.push(value);
      }
      return true;
    },
  };
}

interface ThreadRun {
  readonly worker: Worker;
  readonly done: Promise<void>;
}

interface ThreadWork<Task, Answer> {
  readonly next: () => Task | undefined;
  readonly onAnswer: (task: Task, answer: Answer) => void;
  readonly ahead: number;
}

function runThread<Task, Answer>(
  script: string,
  data: unknown,
  { next, onAnswer, ahead }: ThreadWork<Task, Answer>,
): ThreadRun {
  // Tests run the sources, which a thread cannot load by itself.
  const extension = extname(__filename);
  const worker = new Worker(`${script}${extension}`, {
    workerData: data,
    execArgv: extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [],
  });
  const done = new Promise<void>((resolve, reject) => {
    /** Given to the thread, which answers in their order. */
    const given: Task[] = [];
    const give = () => {
      while (given.length < ahead) {
        const task = next();
        if (task === undefined) break;
        given.push(task);
        worker.postMessage(task);
      }
      if (given.length === 0) resolve();
    };
    worker.on('message', (answer: Answer) => {
      try {
        onAnswer(given.shift() as Task, answer);
        give();
      } catch (error) {
        reject(error as Error);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new Error(`A thread of ${basename(script)} ended with code ${code}.`)),
    );
    give();
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
