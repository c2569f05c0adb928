import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Fills a new folder and puts it in the place of another by renames: a reader sees the old files or the new ones,
 * and a failure leaves the old ones as they were.
 *
 * @param folder absolute; need not be there yet
 * @param fill writes into the empty folder that it is given
 */
export async function replaceFolder(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const id = `${process.pid}.${randomBytes(4).toString('hex')}`;
  const temporary = `${folder}.${id}.tmp`;
  const outgoing = `${folder}.${id}.old`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(temporary);
    await fill(temporary);
    await putInPlace(temporary, folder, outgoing);
    await rm(outgoing, { recursive: true, force: true });
  } finally {
    await rm(temporary, { recursive: true, force: true });
    // Empty when all is well. Old files that could not be put back are not thrown away.
    await rmdir(outgoing).catch(() => undefined);
  }
}

async function putInPlace(temporary: string, folder: string, outgoing: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const away = `${outgoing}/${attempt}`;
    await mkdir(outgoing, { recursive: true });
    const moved = await moveAway(folder, away);
    try {
      return await rename(temporary, folder);
    } catch (error) {
      // Another process put its folder there in between: the last one wins.
      if (isTaken(error) && attempt < MOST_ATTEMPTS) continue;
      if (moved) await rename(away, folder).catch(() => undefined);
      throw error;
    }
  }
}

const MOST_ATTEMPTS = 5;

function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
}

async function moveAway(folder: string, to: string): Promise<boolean> {
  try {
    await rename(folder, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
