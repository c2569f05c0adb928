import { MlopsError, fileSourcesOf, layout, type DatasetConfig, type DatasetLock } from '@nx-mlops/core';
import { computeLock, readLock } from './dataset-lock';
import { nameOfFile, type DatasetProject } from './dataset-project';
import { lockChanges, type LockChange } from './lock-changes';
import type { StatCache } from './stat-cache';

const MOST_NAMED = 3;

/**
 * Makes sure that the data on this machine is the data that the lock pins.
 *
 * @returns the lock
 * @throws MlopsError MLOPS_LOCK_MISSING, MLOPS_LOCK_MISMATCH naming the files with both digests; what `computeLock` throws
 */
export async function checkLock(
  project: DatasetProject,
  config: DatasetConfig,
  statCache: StatCache,
  signal?: AbortSignal,
): Promise<DatasetLock> {
  const file = nameOfFile(project, layout.datasetLock);
  const lock = await readLock(project);
  if (lock === undefined) {
    throw new MlopsError(
      'MLOPS_LOCK_MISSING',
      `is not there, so nothing says which data is meant. Run nx run ${project.name}:lock and commit the file.`,
      { file },
    );
  }
  const changes = lockChanges(lock, await computeLock(project, fileSourcesOf(config), statCache, signal));
  if (changes.length > 0) {
    const named = changes.slice(0, MOST_NAMED).map((change) => describe(project, change));
    const more = changes.length > MOST_NAMED ? ` ${changes.length - MOST_NAMED} more files differ.` : '';
    throw new MlopsError(
      'MLOPS_LOCK_MISMATCH',
      `does not fit the data. ${named.join(' ')}${more} If the new data is meant, run nx run ${project.name}:lock and commit the lock; if not, bring the locked files back.`,
      { file },
    );
  }
  return lock;
}

function describe(project: DatasetProject, change: LockChange): string {
  const name = nameOfFile(project, change.path);
  switch (change.kind) {
    case 'added':
      return `${name} (source "${change.source}", sha256 ${change.after.sha256}) is not in the lock.`;
    case 'removed':
      return `${name} (source "${change.source}", sha256 ${change.before.sha256}) is in the lock but not among the files of the source.`;
    case 'changed':
      return `${name} has sha256 ${change.after.sha256}, the lock says ${change.before.sha256}.`;
  }
}
