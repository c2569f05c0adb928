import { layout, type DatasetLock } from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { digestSeenFiles, type LocalDigestOptions } from './digest-local-files';
import { parseLock } from './lock-text';
import type { Amount } from './file-progress';
import type { SeenSource } from './look-at-sources';

/** A file of a source as the lock has it. */
export type LockedFile = DatasetLock['sources'][string]['files'][number];

/** Gives the files at the addresses of a source. */
export type LockRemote = (source: string, addresses: readonly string[]) => Promise<readonly LockedFile[]>;

export interface ComputedLock {
  readonly lock: DatasetLock;
  /** Files of the lock that are Git LFS pointers here: relative to the dataset's folder. */
  readonly pointers: readonly string[];
  /** Files of this machine that had to be read. */
  readonly hashed: Amount;
  /** Whether the stat cache now knows every file from the stat that it was seen with. */
  readonly allRemembered: boolean;
}

/**
 * Digests of all source files as they were seen.
 *
 * @param sources by name
 * @throws MlopsError as `digestSeenFiles` and `lockRemote`
 */
export async function computeLock(
  project: DatasetProject,
  sources: ReadonlyMap<string, SeenSource>,
  lockRemote: LockRemote,
  options: LocalDigestOptions,
): Promise<ComputedLock> {
  const seen = [...sources.values()].flatMap((source) => source.seen);
  const { digests, ...found } = await digestSeenFiles(project, seen, options);
  const locked: DatasetLock['sources'] = {};
  for (const [name, { seen, addresses }] of sources) {
    const paths = seen.flatMap((part) => part.paths.split('\0'));
    const files = paths.map((path) => digests.get(path) as LockedFile);
    if (addresses.length > 0) files.push(...(await lockRemote(name, addresses)));
    locked[name] = { files: addresses.length > 0 ? sortedByPath(files) : files };
  }
  return { lock: { version: 1, sources: locked }, ...found };
}

/** By code units, so alike on every system. */
export function sortedByPath<File extends { readonly path: string }>(files: readonly File[]): File[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The committed lock, or undefined where there is none yet. */
export async function readLockText(project: DatasetProject): Promise<string | undefined> {
  try {
    return await readFile(join(project.folder, layout.datasetLock), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The committed lock, or undefined where there is none yet.
 *
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID when it is no lock, as after a merge conflict
 */
export async function readLock(project: DatasetProject): Promise<DatasetLock | undefined> {
  const text = await readLockText(project);
  return text === undefined ? undefined : parseLock(text, nameOfFile(project, layout.datasetLock));
}
