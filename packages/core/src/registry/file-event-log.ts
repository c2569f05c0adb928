import { open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../errors/mlops-error';
import type { RegistryEvent } from './event';
import type { EventPage, LogPosition } from './driver';
import { formatEvent } from './event-log';
import type { LogMemory } from './log-memory';
import { pageOfLog, pageOfTail, startOfTail } from './log-page';
import { refuseUnlessNext } from './refuse-unless-next';

/** A file changed less than so long ago may change again without another time stamp. ms */
const TIME_STAMP_TICK = 2_000;
/** Bytes that are read at once of what follows a position. */
const TAIL_PIECE = 16 * 1024;

/** The events of `events.jsonl`; none when there is no such file. Takes no lock. */
export async function readEventFile(
  file: string,
  after: LogPosition | undefined,
  memory: LogMemory,
): Promise<EventPage> {
  const tail = after === undefined ? undefined : await readTail(file, after);
  if (tail !== undefined) return tail;
  try {
    return await readWhole(file, memory);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    // A writer that cuts off a torn line and appends behind it may be seen half-way. A second look tells.
    await sleep(50);
    return readWhole(file, memory);
  }
}

async function readWhole(file: string, memory: LogMemory): Promise<EventPage> {
  // Opened rather than looked at: on a network drive only that asks the server what is there now.
  const handle = await openIfThere(file);
  if (handle === undefined) return { events: [], continued: false };
  try {
    const { size, ino, ctimeNs, ctimeMs } = await handle.stat({ bigint: true });
    const stamp = [size, ino, ctimeNs].join('-');
    const known = memory.recall(file, stamp);
    if (known !== undefined) return known;
    const bytes = await handle.readFile();
    const page = pageOfLog(bytes, file);
    const isSettled = Date.now() - Number(ctimeMs) > TIME_STAMP_TICK && bytes.length === Number(size);
    if (isSettled) memory.remember(file, { stamp, page, bytes: bytes.length });
    return page;
  } finally {
    await handle.close();
  }
}

async function readTail(file: string, after: LogPosition): Promise<EventPage | undefined> {
  const start = startOfTail(after);
  const handle = start === undefined ? undefined : await openIfThere(file);
  if (start === undefined || handle === undefined) return undefined;
  try {
    return pageOfTail(await readFrom(handle, start), after);
  } finally {
    await handle.close();
  }
}

/** Bytes from a place on; none when the file is shorter. The size is not asked for first: most tails are short. */
async function readFrom(handle: FileHandle, start: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let filled = 0; ;) {
    const piece = Buffer.allocUnsafe(TAIL_PIECE);
    const { bytesRead } = await handle.read(piece, 0, TAIL_PIECE, start + filled);
    pieces.push(piece.subarray(0, bytesRead));
    filled += bytesRead;
    if (bytesRead < TAIL_PIECE) return Buffer.concat(pieces);
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
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
  const wholeLength = refuseUnlessNext(event, bytes, file);
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
