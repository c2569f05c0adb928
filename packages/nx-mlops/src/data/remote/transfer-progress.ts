import { formatBytes, formatDuration } from '../../reporting/format';
import type { StageIo } from '../dataset-project';

const INTERVAL_MS = 1000;

/** Tells how far a transfer is, at most once a second, and nothing of one that is over within a second. */
export class TransferProgress {
  private readonly start: number;
  private printed: number;
  private done = 0;

  /**
   * @param doing such as `Pulling flights`
   * @param total bytes
   */
  constructor(
    private readonly doing: string,
    private readonly total: number,
    private readonly print: StageIo['print'],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.start = now();
    this.printed = this.start;
  }

  /** Bytes that have come or gone since the last call. */
  add(bytes: number): void {
    this.done += bytes;
    const now = this.now();
    if (now - this.printed < INTERVAL_MS) return;
    this.printed = now;
    const rate = (this.done / (now - this.start)) * 1000;
    const share = Math.floor((100 * this.done) / Math.max(this.total, 1));
    const left = rate > 0 ? `, ${formatDuration(Math.max(0, this.total - this.done) / rate)} left` : '';
    this.print(
      `${this.doing}: ${formatBytes(this.done)} of ${formatBytes(this.total)} (${share} %), ${formatBytes(rate)}/s${left}`,
    );
  }

  /** Bytes a second since the start, for the last line; undefined when it was over at once. */
  get rate(): string | undefined {
    const seconds = (this.now() - this.start) / 1000;
    return seconds < 0.1 || this.done === 0 ? undefined : `${formatBytes(this.done / seconds)}/s`;
  }
}
