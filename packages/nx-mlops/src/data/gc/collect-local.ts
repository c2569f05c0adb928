import { layout } from '@nx-mlops/core';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Live } from './live-digests';
import type { Removal } from './plan';

/**
 * Removes from the local store what nothing live names and what is older than `before`, and parts of files whose transfer
 * was given up.
 *
 * @param before ms since the epoch
 */
export async function collectLocal(
  workspaceRoot: string,
  { digests }: Live,
  before: number,
  dryRun: boolean,
): Promise<Removal[]> {
  const store = join(workspaceRoot, layout.store);
  const dead = { what: 'local store', files: 0, bytes: 0 };
  const parts = { what: 'local store: broken-off transfers', files: 0, bytes: 0 };
  const remove = async (file: string, removal: { files: number; bytes: number }) => {
    const stats = await stat(file).catch(() => undefined);
    if (stats === undefined || !stats.isFile() || Math.max(stats.mtimeMs, stats.birthtimeMs) >= before)
      return;
    removal.files++;
    removal.bytes += stats.size;
    if (!dryRun) await rm(file, { force: true });
  };
  for (const shelf of await namesIn(join(store, 'sha256'))) {
    for (const name of await namesIn(join(store, 'sha256', shelf))) {
      if (!digests.has(name)) await remove(join(store, 'sha256', shelf, name), dead);
    }
  }
  for (const folder of [join(store, 'incoming'), join(workspaceRoot, layout.downloads)]) {
    for (const name of await namesIn(folder)) await remove(join(folder, name), parts);
  }
  return [dead, parts];
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
