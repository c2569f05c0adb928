import { open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../errors/mlops-error';
import type { RegistryEvent } from './event';
import type { EventPage, LogPosition } from './driver';
import { formatEvent, parseEventLog, type ParsedEventLog } from './event-log';

/** The events of `events.jsonl`; none when there is no such file. Takes no lock. */
export async function readEventFile(file: string, after?: LogPosition): Promise<EventPage> {
  const tail = after === undefined ? undefined : await readTail(file, after);
  if (tail !== undefined) return tail;
  try {
    return pageOf(parseEventLog(await readOrEmpty(file), file), 0);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    // A writer that cuts off a torn line and appends behind it may be seen half-way. A second look tells.
    await sleep(50);
    return pageOf(parseEventLog(await readOrEmpty(file), file), 0);
  }
}

/** Undefined when the log does not hold that event there, or what follows it is no log: then the whole must be read. */
async function readTail(file: string, after: LogPosition): Promise<EventPage | undefined> {
  const [start, end] = after.mark.split('-').map(Number);
  if (start === undefined || end === undefined || !(start < end)) return undefined;
  const bytes = await readFrom(file, start);
  if (bytes.length < end - start) return undefined;
  try {
    const { events, wholeLength } = parseEventLog(bytes, file);
    const first = events[0];
    if (first?.seq !== after.seq || first.hash !== after.hash) return undefined;
    const rest = { events: events.slice(1), wholeLength };
    return {
      ...pageOf(rest, start),
      end: rest.events.length === 0 ? after : pageOf(rest, start).end,
      continued: true,
    };
  } catch {
    return undefined;
  }
}

/** @param start of the bytes that were parsed, within the file */
function pageOf({ events, wholeLength }: ParsedEventLog, start: number): EventPage {
  const last = events.at(-1);
  if (last === undefined) return { events, continued: false };
  const end = start + wholeLength;
  const mark = `${end - Buffer.byteLength(formatEvent(last))}-${end}`;
  return { events, end: { seq: last.seq, hash: last.hash, mark }, continued: false };
}

/** Bytes from a place on; none when there is no such file or it is shorter. */
async function readFrom(file: string, start: number): Promise<Buffer> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const length = Math.max(0, (await handle.stat()).size - start);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Appends one event and flushes it to the disk. The caller holds the lock. What a crash left of an earlier append is
 * cut off first; an append that fails is taken back.
 *
 * @param beforeWriting called when all is checked
 * @throws MlopsError MLOPS_REGISTRY_CONFLICT when the event does not follow the last one
 */
export async function appendToEventFile(
  file: string,
  event: RegistryEvent,
  beforeWriting: () => Promise<void>,
): Promise<void> {
  const bytes = await readOrEmpty(file);
  const { events, wholeLength } = parseEventLog(bytes, file);
  const last = events.at(-1);
  if (event.seq !== (last?.seq ?? 0) + 1 || (last !== undefined && event.previous !== last.hash)) {
    throw new MlopsError(
      'MLOPS_REGISTRY_CONFLICT',
      `another command recorded event ${last?.seq ?? 0} meanwhile. Run the command again.`,
      { file },
    );
  }
  await beforeWriting();
  if (bytes.length > wholeLength) await truncate(file, wholeLength);
  try {
    await appendDurably(file, formatEvent(event));
  } catch (error) {
    // If this fails too, the line has no newline and the next writer cuts it off.
    await truncate(file, wholeLength).catch(() => undefined);
    throw error;
  }
  if (wholeLength === 0) await flushFolder(dirname(file));
}

async function appendDurably(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a');
  try {
    await handle.writeFile(line);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readOrEmpty(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Makes a new file's name durable. Not every system can; those that cannot do it by themselves. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}
