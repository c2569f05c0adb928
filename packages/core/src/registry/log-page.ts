import type { EventPage, LogPosition } from './driver';
import { hashOfEvent, NEWLINE, parseEventLog, type ParsedEventLog } from './event-log';

/**
 * The page that a whole log is.
 *
 * @param file named in errors
 * @throws MlopsError MLOPS_REGISTRY_TAMPERED when a line is no event
 */
export function pageOfLog(bytes: Uint8Array, file?: string): EventPage {
  const log = parseEventLog(bytes, file);
  const end = endOf(log, 0);
  return { events: log.events, ...(end === undefined ? {} : { end }), continued: false };
}

/** The byte of a log from which the rest is read, for `pageOfTail`; undefined when the mark is none of ours. */
export function startOfTail(after: LogPosition): number | undefined {
  const line = lineAt(after);
  // With the newline before, so that the line is seen to begin there.
  return line === undefined ? undefined : Math.max(0, line.start - 1);
}

/**
 * What follows a position.
 *
 * @param bytes of the log from `startOfTail` on
 * @returns undefined when the log does not hold that event there, or what follows it is no log: then the whole is to be
 *   read, which says what is wrong with it
 */
export function pageOfTail(bytes: Uint8Array, after: LogPosition): EventPage | undefined {
  const line = lineAt(after);
  if (line === undefined) return undefined;
  const before = line.start === 0 ? 0 : 1;
  const length = line.end - line.start;
  const isLine =
    (before === 0 || bytes[0] === NEWLINE) && bytes.indexOf(NEWLINE, before) === before + length - 1;
  if (!isLine) return undefined;
  const log = parsedOrUndefined(bytes.subarray(before));
  const [first, ...events] = log?.events ?? [];
  if (log === undefined || first === undefined) return undefined;
  if (first.seq !== after.seq || first.hash !== after.hash || hashOfEvent(first) !== after.hash)
    return undefined;
  return { events, end: events.length === 0 ? after : (endOf(log, line.start) ?? after), continued: true };
}

function parsedOrUndefined(bytes: Uint8Array): ParsedEventLog | undefined {
  try {
    return parseEventLog(bytes);
  } catch {
    return undefined;
  }
}

/** @param start of the bytes that were parsed, within the log */
function endOf({ events, wholeLength, lastStart }: ParsedEventLog, start: number): LogPosition | undefined {
  const last = events.at(-1);
  if (last === undefined) return undefined;
  return { seq: last.seq, hash: last.hash, mark: `${start + lastStart}-${start + wholeLength}` };
}

/** A mark is the bytes of the line of the event: where it begins and where the next one would. */
function lineAt({ mark }: LogPosition): { readonly start: number; readonly end: number } | undefined {
  const [, start, end] = /^(\d{1,15})-(\d{1,15})$/.exec(mark)?.map(Number) ?? [];
  return start === undefined || end === undefined || start >= end ? undefined : { start, end };
}
