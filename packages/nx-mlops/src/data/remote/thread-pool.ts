import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type TransferListItem } from 'node:worker_threads';

/** What a thread says of a task: what came of it, or the error of Node that it met. */
export type ThreadAnswer<Value> =
  | { readonly value: Value; readonly failure?: undefined }
  | { readonly failure: Pick<NodeJS.ErrnoException, 'message' | 'code' | 'syscall' | 'path'> };

/** A thread may hang in a write, on a network disk for one. Then nobody waits for it. */
const CLOSE_WAIT_MS = 1000;

interface Waiting<Task, Value> {
  readonly task: Task;
  readonly transfer: readonly TransferListItem[];
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * As many threads as there are cores, each begun when a task finds all others busy. Unlike `runInThreads`, which is given
 * its tasks at once, it takes them as they come.
 */
export class ThreadPool<Task, Value> {
  private readonly waiting: Waiting<Task, Value>[] = [];
  private readonly workers = new Set<Worker>();
  private readonly idle: Worker[] = [];
  private readonly running = new Set<Promise<unknown>>();

  /** @param script absolute, without extension: takes a task a message, answers each with a `ThreadAnswer` */
  constructor(private readonly script: string) {}

  /**
   * @param transfer what of the task is handed over rather than copied
   * @throws what the task met, with the code of Node; what ended the thread
   */
  run(task: Task, transfer: readonly TransferListItem[] = []): Promise<Value> {
    const done = new Promise<Value>((resolve, reject) =>
      this.waiting.push({ task, transfer, resolve, reject }),
    );
    this.running.add(done);
    const forget = () => void this.running.delete(done);
    done.then(forget, forget);
    this.begin();
    return done;
  }

  /** Ends the threads, once the tasks that they are at are done. Tasks that have not begun never do. */
  async close(): Promise<void> {
    for (const { reject } of this.waiting.splice(0)) reject(new Error('The threads were closed.'));
    const overdue = new AbortController();
    const late = sleep(CLOSE_WAIT_MS, undefined, { signal: overdue.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.running), late]);
    overdue.abort();
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private begin(): void {
    if (this.waiting.length === 0) return;
    const worker = this.idle.pop() ?? (this.workers.size < availableParallelism() ? this.start() : undefined);
    if (worker === undefined) return;
    const { task, transfer, resolve, reject } = this.waiting.shift() as Waiting<Task, Value>;
    const onMessage = (answer: ThreadAnswer<Value>) => {
      worker.off('error', onError).off('exit', onExit);
      this.idle.push(worker);
      this.begin();
      if (answer.failure === undefined) resolve(answer.value);
      else reject(Object.assign(new Error(answer.failure.message), answer.failure));
    };
    const onError = (error: unknown) => {
      worker.off('message', onMessage).off('exit', onExit);
      this.lose(worker, reject, error);
    };
    const onExit = (code: number) => {
      worker.off('message', onMessage).off('error', onError);
      this.lose(worker, reject, new Error(`A thread of ${this.script} ended with code ${code}.`));
    };
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
    worker.postMessage(task, transfer);
  }

  private lose(worker: Worker, reject: (error: unknown) => void, why: unknown): void {
    this.workers.delete(worker);
    reject(why);
    this.begin();
  }

  private start(): Worker {
    // Tests run the sources, which a thread cannot load by itself.
    const extension = extname(__filename);
    const worker = new Worker(`${this.script}${extension}`, {
      execArgv: extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [],
    });
    this.workers.add(worker);
    return worker;
  }
}
