import { open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../errors/mlops-error';
import type { RegistryEvent } from './event';
import { formatEvent, parseEventLog } from './event-log';

/** The events of `events.jsonl`; none when there is no such file. Takes no lock. */
export async function readEventFile(file: string): Promise<readonly RegistryEvent[]> {
  try {
    return parseEventLog(await readOrEmpty(file), file).events;
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    // A writer that cuts off a torn line and appends behind it may be seen half-way. A second look tells.
    await sleep(50);
    return parseEventLog(await readOrEmpty(file), file).events;
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
