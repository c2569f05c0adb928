import { canonicalJson } from '../files/canonical-json';
import { sha256OfBytes } from '../files/sha256';
import { MlopsError } from '../errors/mlops-error';
import { registryEventSchema, type NewRegistryEvent, type RegistryEvent } from './event';

/** What stands before the first event of a log. */
const NO_PREVIOUS = '0'.repeat(64);
export const NEWLINE = 0x0a;

/** sha256 of the canonical JSON of an event without its `hash`. */
export function hashOfEvent(event: Omit<RegistryEvent, 'hash'> & { readonly hash?: string }): string {
  return sha256OfBytes(canonicalJson({ ...event, hash: undefined }));
}

/**
 * Gives a new event its place in the log: behind `previous`, or first.
 *
 * @throws MlopsError MLOPS_REGISTRY_EVENT_INVALID when it is no valid event, such as one without an actor; written
 *   to the log it would make the log unreadable
 */
export function chainEvent(previous: RegistryEvent | undefined, event: NewRegistryEvent): RegistryEvent {
  const placed = { ...event, seq: (previous?.seq ?? 0) + 1, previous: previous?.hash ?? NO_PREVIOUS };
  const result = registryEventSchema.safeParse({ ...placed, hash: hashOfEvent(placed) });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new MlopsError(
    'MLOPS_REGISTRY_EVENT_INVALID',
    `the event "${event.type}" cannot be recorded: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}.`,
    {},
    { cause: result.error },
  );
}

/**
 * Checks that nothing in a log was changed, removed or put in between. A log cut off at its end cannot be told from
 * a younger one.
 *
 * @param file named in errors
 * @param after the event before the first of these, which was verified earlier; they are a whole log without it
 * @throws MlopsError MLOPS_REGISTRY_TAMPERED naming the first event that does not fit
 */
export function verifyChain(
  events: readonly RegistryEvent[],
  file?: string,
  after?: Pick<RegistryEvent, 'seq' | 'hash'>,
): void {
  let before = after;
  for (const event of events) {
    const expected = (before?.seq ?? 0) + 1;
    if (event.seq !== expected)
      throw tampered(`event ${expected} is missing; event ${event.seq} follows`, file);
    if (event.previous !== (before?.hash ?? NO_PREVIOUS)) {
      throw tampered(`event ${event.seq} does not follow the event that stands before it`, file);
    }
    if (event.hash !== hashOfEvent(event)) {
      throw tampered(`event ${event.seq} was changed after it was written`, file);
    }
    before = event;
  }
}

/** The line of an event in `events.jsonl`, with its newline. */
export function formatEvent(event: RegistryEvent): string {
  return `${JSON.stringify(event)}\n`;
}

export interface ParsedEventLog {
  readonly events: readonly RegistryEvent[];
  /** Bytes up to and with the last newline. What follows is an append that a crash cut off; nobody was told of it. */
  readonly wholeLength: number;
  /** Where the line of the last event begins; 0 without one. */
  readonly lastStart: number;
}

/**
 * Reads the bytes of `events.jsonl`. A last line without newline is left out: its append never finished.
 *
 * @throws MlopsError MLOPS_REGISTRY_TAMPERED when any other line is no event
 */
export function parseEventLog(bytes: Uint8Array, file?: string): ParsedEventLog {
  const wholeLength = bytes.lastIndexOf(NEWLINE) + 1;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, wholeLength).toString('utf8');
  const lines = text.split('\n').slice(0, -1);
  return {
    events: lines.map((line, index) => parseLine(line, index + 1, file)),
    wholeLength,
    lastStart: startOfLastLine(bytes, wholeLength),
  };
}

/** The bytes of the last whole line on, with what may follow it; all of them where there is none. */
export function lastLineOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(startOfLastLine(bytes, bytes.lastIndexOf(NEWLINE) + 1));
}

function startOfLastLine(bytes: Uint8Array, wholeLength: number): number {
  // A negative offset would count from the end.
  return wholeLength < 2 ? 0 : bytes.lastIndexOf(NEWLINE, wholeLength - 2) + 1;
}

function parseLine(line: string, number: number, file: string | undefined): RegistryEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw tampered(`line ${number} is no JSON`, file, error);
  }
  const result = registryEventSchema.safeParse(value);
  if (!result.success) throw tampered(`line ${number} is no event of a registry`, file, result.error);
  return result.data;
}

function tampered(what: string, file: string | undefined, cause?: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_TAMPERED',
    `${what}. The log is append-only and its events are chained by hash, so something other than nx-mlops wrote here. Restore the file from a backup; nothing is recorded for this model until then.`,
    { file },
    { cause },
  );
}
