import type { EventPage } from './driver';

/** Bytes of logs that are held; as events they take about three times that. */
const CAPACITY = 16 * 1024 * 1024;

interface Held {
  readonly stamp: string;
  readonly page: EventPage;
  /** Of the log. */
  readonly bytes: number;
}

/**
 * Whole logs as they were last read, so that a log that did not change is neither read nor parsed again. A log that did not
 * change is the same page again, by identity. Those that were asked for longest ago go first.
 */
export class LogMemory {
  private readonly logs = new Map<string, Held>();
  private bytes = 0;

  constructor(private readonly capacity = CAPACITY) {}

  has(log: string): boolean {
    return this.logs.has(log);
  }

  /** @param stamp tells what the log is now, such as its etag */
  recall(log: string, stamp: string): EventPage | undefined {
    const held = this.logs.get(log);
    if (held?.stamp !== stamp) return undefined;
    this.logs.delete(log);
    this.logs.set(log, held);
    return held.page;
  }

  remember(log: string, held: Held): void {
    this.forget(log);
    this.logs.set(log, held);
    this.bytes += held.bytes;
    for (const oldest of this.logs.keys()) {
      if (this.bytes <= this.capacity) return;
      this.forget(oldest);
    }
  }

  private forget(log: string): void {
    this.bytes -= this.logs.get(log)?.bytes ?? 0;
    this.logs.delete(log);
  }
}
