import { layout, MlopsError, type DatasetLock, type FileDigest } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { digestLocalFiles } from '../lock/digest-local-files';
import { mapConcurrently } from '../map-concurrently';
import { isAddress } from '../sources/source-address';
import { loadSourceStatCache } from '../lock/stat-cache';

const STATS_AT_ONCE = 16;

/** A source file of the workspace that the lock pins. */
export interface LockedFile {
  readonly digest: FileDigest;
  /** Absolute. */
  readonly file: string;
  /** For people: relative to the workspace. */
  readonly name: string;
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
      if (isAddress(path)) continue;
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
  /** Not there, or a Git LFS pointer that stands for them. */
  readonly absent: readonly LockedFile[];
  /** There, with other bytes. */
  readonly differing: readonly LockedFile[];
}

/** @throws MlopsError as `digestLocalFiles` */
export async function localState(
  project: DatasetProject,
  files: readonly LockedFile[],
  { print, signal }: StageIo,
): Promise<LocalState> {
  const absent = new Set(await absentFiles(files));
  const there = files.filter((file) => !absent.has(file));
  const paths = there.map(({ file }) => relative(project.folder, file).split(sep).join('/'));
  const statCache = await loadSourceStatCache(project, layout.sourceStatCache);
  const { digests, pointers } = await digestLocalFiles(project, paths, { statCache, print, signal }).finally(
    () => statCache.save(),
  );
  const pointerPaths = new Set(pointers);
  const state = { present: [] as LockedFile[], absent: [...absent], differing: [] as LockedFile[] };
  for (const [index, file] of there.entries()) {
    const path = paths[index] as string;
    if (digests.get(path)?.sha256 !== file.digest.sha256) state.differing.push(file);
    else if (pointerPaths.has(path)) state.absent.push(file);
    else state.present.push(file);
  }
  return state;
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
