/** How many may do something at once; the others wait in line. */
export class Slots {
  private used = 0;
  private readonly line: (() => void)[] = [];

  constructor(
    private readonly count: number,
    private readonly maxWaiting: number,
  ) {}

  get inUse(): number {
    return this.used;
  }

  /**
   * Waits for a slot and does the work in it.
   *
   * @param signal gives up waiting; the work has to look at it itself
   * @returns undefined where the line was too long, and nothing was done
   * @throws the reason of the signal
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    if (this.used >= this.count && this.line.length >= this.maxWaiting) return undefined;
    await this.take(signal);
    try {
      return await work();
    } finally {
      this.used -= 1;
      this.line.shift()?.();
    }
  }

  private async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.used >= this.count) {
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          this.line.splice(this.line.indexOf(enter), 1);
          reject(signal?.reason);
        };
        const enter = () => {
          signal?.removeEventListener('abort', leave);
          // Taken here, so that nobody comes between.
          this.used += 1;
          resolve();
        };
        this.line.push(enter);
        signal?.addEventListener('abort', leave, { once: true });
      });
      return;
    }
    this.used += 1;
  }
}
