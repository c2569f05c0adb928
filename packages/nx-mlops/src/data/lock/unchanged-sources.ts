import { layout, writeAtomically } from '@nx-mlops/core';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetProject } from '../dataset-project';
import { READ_BYTES, hashFileNow } from './hash-file-now';
import type { SeenSource } from './look-at-sources';
import { statText } from './stat-text';

/** Another number where the same files would give another lock. */
const TITLE = 'nx-mlops unchanged sources 1';

/**
 * Whether everything is as it was when `rememberUnchanged` was last called: the paths in the config, the names and the
 * whole stat of the files, and the bytes of the lock. Then the lock fits the files, for it did so then, and neither it
 * nor the stat cache has to be taken apart. Nothing is trusted beyond what the stat cache trusts; where that was lost or
 * written anew, the answer is no. See docs/decisions/0010-no-op-lock.md.
 */
export async function areUnchanged(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
): Promise<boolean> {
  const remembered = await readFile(join(project.folder, layout.unchangedSources), 'utf8').catch(
    () => undefined,
  );
  if (remembered === undefined) return false;
  const lock = digestOfLock(project);
  return lock !== undefined && remembered === (await stateOf(project, sources, lock));
}

/**
 * Keeps for `areUnchanged` that a lock fits the files. Only for files that the stat cache, as it is on the disk by now,
 * knows from the stat that they were seen with; of what lies at an address only its server could say.
 *
 * @param lock digest of the file's bytes
 */
export async function rememberUnchanged(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
  lock: string,
): Promise<void> {
  const state = await stateOf(project, sources, lock);
  if (state !== undefined) await writeAtomically(join(project.folder, layout.unchangedSources), state);
}

/** What is kept; undefined where nothing may be. */
async function stateOf(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
  lock: string,
): Promise<string | undefined> {
  const cache = await stat(join(project.folder, layout.sourceStatCache), { bigint: true }).catch(
    () => undefined,
  );
  if (cache === undefined || [...sources.values()].some(({ addresses }) => addresses.length > 0)) {
    return undefined;
  }
  const sum = createHash('sha256').update(JSON.stringify([lock, statText(cache)]));
  for (const [name, { patterns, seen }] of sources) {
    // Each part says how many files it has, so no two states have the same bytes.
    sum.update(JSON.stringify([name, patterns, seen.map(({ files }) => files)]));
    for (const { paths, states } of seen) sum.update(paths).update('\0').update(states);
  }
  return `${TITLE} ${sum.digest('hex')}\n`;
}

function digestOfLock(project: DatasetProject): string | undefined {
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    return hashFileNow(join(project.folder, layout.datasetLock), buffer, () => true)?.sha256;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
