import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the workspace, beside the store, so that finished files move into the store by a rename. */
const WORK = '.mlops/tmp';

/** What a killed run left behind is swept after a day; by then no run of ours is still at it. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** Runs `work` with an empty folder of its own, which is gone afterwards. */
export async function withWorkFolder<T>(
  workspaceRoot: string,
  purpose: string,
  work: (folder: string) => Promise<T>,
  now: () => number = Date.now,
): Promise<T> {
  const parent = join(workspaceRoot, WORK);
  await mkdir(parent, { recursive: true });
  await sweep(parent, now() - ABANDONED_MS);
  const folder = join(parent, `${purpose}-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweep(parent: string, before: number): Promise<void> {
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    const age = await stat(folder).then(
      (stats) => stats.mtimeMs,
      () => Infinity,
    );
    if (age < before) await rm(folder, { recursive: true, force: true });
  }
}
