import { layout, MlopsError, type DatasetLock, type FileDigest } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { readLock } from '../dataset-lock';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { mapConcurrently } from '../map-concurrently';
import type { StatCache } from '../stat-cache';

const STATS_AT_ONCE = 16;
const HASHES_AT_ONCE = 4;

/** A source file of the workspace that the lock pins. */
export interface LockedFile {
  readonly digest: FileDigest;
  /** Absolute. */
  readonly file: string;
  /** Relative to the workspace. */
  readonly name: string;
}

/** @throws MlopsError MLOPS_LOCK_MISSING; what `readLock` throws */
export async function requiredLock(project: DatasetProject): Promise<DatasetLock> {
  const lock = await readLock(project);
  if (lock !== undefined) return lock;
  throw new MlopsError(
    'MLOPS_LOCK_MISSING',
    `is not there, so nothing says which data is meant. Run nx run ${project.name}:lock and commit the file.`,
    { file: nameOfFile(project, layout.datasetLock) },
  );
}

/**
 * The files of the workspace that a lock names; those at an address are fetched from there.
 *
 * @throws MlopsError MLOPS_SOURCE_OUTSIDE for a path that leaves the workspace, which a lock from elsewhere could hold
 */
export function lockedFiles(project: DatasetProject, lock: DatasetLock): LockedFile[] {
  const files = new Map<string, LockedFile>();
  for (const source of Object.values(lock.sources)) {
    for (const { path, sha256, size } of source.files) {
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) continue;
      const file = resolve(project.folder, path);
      const inWorkspace = relative(project.workspaceRoot, file);
      if (
        isAbsolute(path) ||
        inWorkspace === '..' ||
        inWorkspace.startsWith(`..${sep}`) ||
        isAbsolute(inWorkspace)
      ) {
        throw new MlopsError(
          'MLOPS_SOURCE_OUTSIDE',
          `"${path}" is outside the workspace. Mend the lock: run nx run ${project.name}:lock.`,
          {
            file: nameOfFile(project, layout.datasetLock),
          },
        );
      }
      files.set(file, { digest: { sha256, size }, file, name: inWorkspace.split(sep).join('/') });
    }
  }
  return [...files.values()];
}

/** How the files of a lock stand on this machine. */
export interface LocalState {
  readonly present: readonly LockedFile[];
  readonly absent: readonly LockedFile[];
  /** There, with other bytes. */
  readonly differing: readonly LockedFile[];
}

export async function localState(
  files: readonly LockedFile[],
  statCache: StatCache,
  signal?: AbortSignal,
): Promise<LocalState> {
  const sizes = await mapConcurrently(files, STATS_AT_ONCE, ({ file }) => sizeOf(file));
  const there = files.filter((_, index) => sizes[index] !== undefined);
  const equal = await mapConcurrently(there, HASHES_AT_ONCE, async ({ file, digest }) => {
    signal?.throwIfAborted();
    return (await statCache.digestOf(file, signal)).sha256 === digest.sha256;
  });
  return {
    present: there.filter((_, index) => equal[index] === true),
    differing: there.filter((_, index) => equal[index] !== true),
    absent: files.filter((_, index) => sizes[index] === undefined),
  };
}

/** Those that are not there at all; costs a stat each. */
export async function absentFiles(files: readonly LockedFile[]): Promise<LockedFile[]> {
  const sizes = await mapConcurrently(files, STATS_AT_ONCE, ({ file }) => sizeOf(file));
  return files.filter((_, index) => sizes[index] === undefined);
}

/** The first few names, and how many there are more. */
export function namesOf(files: readonly { readonly name: string }[]): string {
  const named = files.slice(0, 3).map(({ name }) => name);
  return named.join(', ') + (files.length > 3 ? ` and ${files.length - 3} more` : '');
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
