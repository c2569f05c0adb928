import {
  MlopsError,
  fileSourcesOf,
  layout,
  type DatasetConfig,
  type DatasetLock,
  type FileSourceConfig,
} from '@nx-mlops/core';
import { computeLock, readLock, type LockedFile } from './dataset-lock';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import type { LocalDigestOptions } from './digest-local-files';
import { lockChanges, type LockChange } from './lock-changes';
import { lookAtSources } from './look-at-sources';
import { areUnchanged } from './unchanged-sources';

const MOST_NAMED = 3;

/** A lock that the data of this machine fits. */
export interface CheckedLock {
  readonly lock: DatasetLock;
  /** Files that are Git LFS pointers here, relative to the dataset's folder: they fit, but their bytes are not here. */
  readonly pointers: readonly string[];
}

/**
 * Makes sure that the data on this machine is the data that the lock pins. Sources at an address are pinned by the lock
 * alone, and no server is asked; nor are the bytes of a source of the format "files" looked at, unless asked for.
 *
 * @param options.withFileLists also reads the files of sources of the format "files"
 * @throws MlopsError MLOPS_LOCK_MISSING, MLOPS_LOCK_MISMATCH naming the files with both digests; what `computeLock` throws
 */
export async function checkLock(
  project: DatasetProject,
  config: DatasetConfig,
  { withFileLists = false, ...options }: LocalDigestOptions & { readonly withFileLists?: boolean },
): Promise<CheckedLock> {
  const configured = fileSourcesOf(config);
  if (Object.keys(configured).length === 0) return { lock: { version: 1, sources: {} }, pointers: [] };
  const lock = await readLockOrFail(project);
  const isRead = ({ format }: FileSourceConfig) => format !== 'files' || withFileLists;
  const read = Object.entries(configured).filter(([, source]) => isRead(source));
  const sources = await lookAtSources(project, Object.fromEntries(read), options);
  const isAll = read.length === Object.keys(configured).length;
  if (isAll && (await areUnchanged(project, sources))) return { lock, pointers: [] };
  const found = await computeLock(
    project,
    sources,
    async (source, addresses) => addresses.flatMap((address) => lockedAt(project, lock, source, address)),
    options,
  );
  const unread: DatasetLock['sources'] = Object.fromEntries(
    Object.entries(configured).flatMap(([name, source]) => {
      const locked = lock.sources[name];
      return isRead(source) || locked === undefined ? [] : [[name, locked]];
    }),
  );
  for (const [name, source] of Object.entries(configured)) {
    if (!isRead(source) && lock.sources[name] === undefined) throw notLocked(project, name);
  }
  const changes = lockChanges(lock, { version: 1, sources: { ...found.lock.sources, ...unread } });
  if (changes.length > 0) {
    const named = changes.slice(0, MOST_NAMED).map((change) => describe(project, change));
    const more = changes.length > MOST_NAMED ? ` ${changes.length - MOST_NAMED} more files differ.` : '';
    throw mismatch(project, `${named.join(' ')}${more}`);
  }
  return { lock, pointers: found.pointers };
}

/** @throws MlopsError MLOPS_LOCK_MISSING; what `readLock` throws */
export async function readLockOrFail(project: DatasetProject): Promise<DatasetLock> {
  const lock = await readLock(project);
  if (lock !== undefined) return lock;
  throw new MlopsError(
    'MLOPS_LOCK_MISSING',
    `is not there, so nothing says which data is meant. Run nx run ${project.name}:lock and commit the file.`,
    { file: nameOfFile(project, layout.datasetLock) },
  );
}

/** @param what the differences, in whole sentences */
export function mismatch(project: DatasetProject, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_LOCK_MISMATCH',
    `does not fit the data. ${what} If the new data is meant, run nx run ${project.name}:lock and commit the lock; if not, bring the locked files back.`,
    { file: nameOfFile(project, layout.datasetLock) },
  );
}

function lockedAt(
  project: DatasetProject,
  lock: DatasetLock,
  source: string,
  address: string,
): readonly LockedFile[] {
  const files = filesAt(lock.sources[source]?.files ?? [], address);
  if (files.length > 0) return files;
  throw notLocked(project, source);
}

/** Files of a lock that an address stands for. */
export function filesAt(files: readonly LockedFile[], address: string): LockedFile[] {
  return files.filter(({ path }) =>
    address.endsWith('/') && address.startsWith('s3://') ? path.startsWith(address) : path === address,
  );
}

function notLocked(project: DatasetProject, source: string): MlopsError {
  return mismatch(project, `The source "${source}" of the config, or an address of it, is not in the lock.`);
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
