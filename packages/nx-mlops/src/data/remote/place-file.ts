import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file came into place. */
export type Placed = 'reflink' | 'hard link' | 'copy';

/**
 * Brings a file of the store to its place in the workspace, whole or not at all: by a reflink where the file system has
 * them, else by a hard link, which cannot be written to, else by a copy (docs/decisions/0008). What is there is replaced.
 */
export async function placeFile(stored: string, target: string): Promise<Placed> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const placed = await bring(stored, temporary);
    await rename(temporary, target);
    return placed;
  } finally {
    // A rename onto another hard link of the same file does nothing and leaves the first.
    await rm(temporary, { force: true });
  }
}

async function bring(stored: string, temporary: string): Promise<Placed> {
  try {
    await copyFile(stored, temporary, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return 'reflink';
  } catch {
    await rm(temporary, { force: true });
  }
  try {
    await link(stored, temporary);
    return 'hard link';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
  }
  await copyFile(stored, temporary, constants.COPYFILE_EXCL);
  return 'copy';
}
