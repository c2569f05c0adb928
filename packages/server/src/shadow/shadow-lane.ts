import { setImmediate as nextTurn } from 'node:timers/promises';

/** Something to do when there is time for it. Settles always; never rejects. */
export interface ShadowTask {
  /** About how much memory it holds while it waits. */
  readonly bytes: number;
  readonly run: () => Promise<void>;
}

export interface ShadowLimits {
  /** Tasks that wait at most. */
  readonly tasks: number;
  /** Bytes that the waiting tasks hold at most. */
  readonly bytes: number;
}

const usualLimits: ShadowLimits = { tasks: 256, bytes: 32 * 1024 * 1024 };

/**
 * Runs tasks one after the other, beside live requests and never in their way: whoever offers one does not wait, and
 * what finds the queue full is dropped.
 */
export class ShadowLane {
  readonly #waiting: ShadowTask[] = [];
  #bytes = 0;
  #running = false;
  #closed = false;

  /** @param onDrop called once for each task that is not run */
  constructor(
    private readonly onDrop: () => void,
    private readonly limits: ShadowLimits = usualLimits,
  ) {}

  offer(task: ShadowTask): void {
    const { tasks, bytes } = this.limits;
    if (this.#closed || this.#waiting.length >= tasks || this.#bytes + task.bytes > bytes) {
      this.onDrop();
      return;
    }
    this.#waiting.push(task);
    this.#bytes += task.bytes;
    if (!this.#running) void this.#runAll();
  }

  /** Drops what waits; the task under way ends. */
  close(): void {
    this.#closed = true;
    this.#waiting.splice(0).forEach(() => this.onDrop());
    this.#bytes = 0;
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    // Requests that have arrived meanwhile come before each task.
    await nextTurn();
    for (let task = this.#take(); task !== undefined; task = this.#take()) {
      await task.run();
      await nextTurn();
    }
    this.#running = false;
  }

  #take(): ShadowTask | undefined {
    const task = this.#waiting.shift();
    if (task !== undefined) this.#bytes -= task.bytes;
    return task;
  }
}
