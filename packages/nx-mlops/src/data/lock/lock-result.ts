import { formatBytes, formatCount, formatDuration, plural } from '../../reporting/format';
import type { Amount } from './file-progress';
import { describeChange, type LockChange } from './lock-changes';

/** More lines than this say less. */
const MOST_LINES = 20;

export interface LockResult {
  /** All files of the lock. */
  readonly total: Amount;
  readonly changes: readonly LockChange[];
  /** Whether the file was written; false when the data is as it was. */
  readonly written: boolean;
  /** Files of this machine that were read; the others were known from their stat. */
  readonly hashed: Amount;
  /** Files that came from an address. */
  readonly fetched: Amount;
  /** Files that are Git LFS pointers here; they are locked by the digest that they name. */
  readonly pointers: readonly string[];
}

export const noFiles: Amount = { files: 0, bytes: 0 };

/** Of a lock that fits as it is. */
export const nothingNew: Omit<LockResult, 'total'> = {
  changes: [],
  written: false,
  hashed: noFiles,
  fetched: noFiles,
  pointers: [],
};

/** What a person is told of a lock. */
export function summaryOf(
  { total, changes, written, hashed, fetched, pointers }: LockResult,
  name: string,
  seconds: number,
): string[] {
  const lines = changes.slice(0, MOST_LINES).map(describeChange);
  if (changes.length > MOST_LINES) lines.push(`… and ${changes.length - MOST_LINES} more`);
  if (pointers.length > 0) {
    lines.push(
      `${plural(pointers.length, 'file')} by the digest of a Git LFS pointer, such as ${pointers[0]}: prepare needs git lfs pull.`,
    );
  }
  const how = [
    hashed.files === 0 ? '' : `${formatBytes(hashed.bytes)} of ${plural(hashed.files, 'file')} hashed`,
    fetched.files === 0 ? '' : `${formatBytes(fetched.bytes)} of ${plural(fetched.files, 'file')} fetched`,
    hashed.files + fetched.files === 0 ? 'nothing had to be read' : '',
    seconds < 1 ? '' : `in ${formatDuration(seconds)}`,
  ].filter((part) => part !== '');
  const what = `${plural(total.files, 'file')}, ${formatCount(total.bytes)} bytes (${how.join(', ')})`;
  lines.push(written ? `${name} written: ${what}. Commit it.` : `${name} is up to date: ${what}.`);
  return lines;
}
