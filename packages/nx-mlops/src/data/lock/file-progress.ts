import { formatBytes, formatDuration } from '../../reporting/format';

/** How far work on many files is. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** Nothing is said of work that ends before. */
const QUIET_MS = 2000;
const INTERVAL_MS = 1000;

/** One line, such as `hashed 1,200 of 100,000 files, 24 MB of 2.0 GB, 800 MB/s, 2 s left`. */
export function progressLine(verb: string, done: Amount, total: Amount, seconds: number): string {
  const rate = done.bytes / seconds;
  const left = rate > 0 ? `, ${formatDuration((total.bytes - done.bytes) / rate)} left` : '';
  const files =
    total.files === 1
      ? ''
      : `${done.files.toLocaleString('en-US')} of ${total.files.toLocaleString('en-US')} files, `;
  return `${verb} ${files}${formatBytes(done.bytes)} of ${formatBytes(total.bytes)}, ${formatBytes(rate)}/s${left}`;
}

/**
 * Prints a line a second about work that takes longer than two.
 *
 * @param verb what was done to the files, such as `hashed`
 * @returns ends it
 */
export function startProgress(
  print: (line: string) => void,
  verb: string,
  done: () => Amount,
  total: Amount,
): () => void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const elapsed = performance.now() - startedAt;
    if (elapsed >= QUIET_MS) print(progressLine(verb, done(), total, elapsed / 1000));
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
