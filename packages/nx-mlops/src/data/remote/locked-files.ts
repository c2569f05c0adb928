import { layout, MlopsError, type DatasetLock, type FileDigest } from '@nx-mlops/core';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { digestLocalFiles, type LocalDigests } from '../lock/digest-local-files';
import { isAddress } from '../sources/source-address';
import { loadSourceStatCache } from '../lock/stat-cache';
import { statFiles } from '../lock/stat-files';

/** A file of this machine, and what it should hold. */
export interface NamedFile {
  readonly digest: FileDigest;
  /** Absolute. */
  readonly file: string;
  /** For people: relative to the workspace. */
  readonly name: string;
}

/** A source file of the workspace that the lock pins. */
export interface LockedFile extends NamedFile {
  /** Relative to the dataset's folder, forward slashes. */
  readonly path: string;
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
      const digest = { sha256, size };
      const located = isPlain(path)
        ? { digest, path, file: `${project.folder}${sep}${path}`, name: nameOfFile(project, path) }
        : { digest, ...locate(project, path) };
      files.set(located.file, located);
    }
  }
  return [...files.values()];
}

/** Whether a path is in the folder and written in the one way that `lock` writes it, so that it needs no resolving. */
function isPlain(path: string): boolean {
  return !/[\\:]|(^|\/)\.{0,2}(\/|$)/.test(path);
}

/** @throws MlopsError MLOPS_SOURCE_OUTSIDE */
function locate(project: DatasetProject, path: string): { path: string; file: string; name: string } {
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
      { file: nameOfFile(project, layout.datasetLock) },
    );
  }
  const slashed = (text: string) => text.split(sep).join('/');
  return { path: slashed(relative(project.folder, file)), file, name: slashed(inWorkspace) };
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
  io: StageIo,
): Promise<LocalState> {
  const statCache = await loadSourceStatCache(project, layout.sourceStatCache);
  const digest = (some: readonly LockedFile[]) => {
    const paths = some.map(({ path }) => path);
    return digestLocalFiles(project, paths, { statCache, ...io }).finally(() => statCache.save());
  };
  try {
    // Mostly all are there, and a look less at each of 100,000 is worth it.
    return stateOf(files, [], await digest(files));
  } catch (error) {
    if (!(error instanceof MlopsError) || error.code !== 'MLOPS_SOURCE_UNREADABLE') throw error;
  }
  const missing = await absentFiles(project, files, io.signal);
  const gone = new Set(missing);
  const there = files.filter((file) => !gone.has(file));
  return stateOf(there, missing, await digest(there));
}

function stateOf(
  there: readonly LockedFile[],
  missing: readonly LockedFile[],
  { digests, pointers }: LocalDigests,
): LocalState {
  const pointerPaths = new Set(pointers);
  const state = { present: [] as LockedFile[], absent: [...missing], differing: [] as LockedFile[] };
  for (const file of there) {
    if (digests.get(file.path)?.sha256 !== file.digest.sha256) state.differing.push(file);
    else if (pointerPaths.has(file.path)) state.absent.push(file);
    else state.present.push(file);
  }
  return state;
}

/** Those that are not there at all; costs a stat each. */
export async function absentFiles(
  { folder }: DatasetProject,
  files: readonly LockedFile[],
  signal?: AbortSignal,
): Promise<LockedFile[]> {
  const stats = await statFiles(
    folder,
    files.map(({ path }) => path),
    signal,
  );
  return files.filter((_, index) => /^-(ENOENT|ENOTDIR)\b/.test(stats[index] as string));
}

/** The first few names, and how many there are more. */
export function namesOf(files: readonly { readonly name: string }[]): string {
  const named = files.slice(0, 3).map(({ name }) => name);
  return named.join(', ') + (files.length > 3 ? ` and ${files.length - 3} more` : '');
}
