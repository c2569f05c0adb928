import { MlopsError } from '@nx-mlops/core';
import type { LockedFile } from './dataset-lock';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { hashFiles, newCounts } from './hash-files';
import { unreadable } from '../sources/source-files';
import { fileChanged, type StatCache } from './stat-cache';
import { statFiles, type SeenFiles } from './stat-files';
import { sizeOfState, stateText } from './stat-text';
import { startProgress, type Amount } from './file-progress';

/** What the files of this machine are. */
export interface LocalDigests {
  /** By path. Of a Git LFS pointer it is the digest of the data that it stands for. */
  readonly digests: ReadonlyMap<string, LockedFile>;
  /** Files that are Git LFS pointers: their digest is known, their bytes are not here. */
  readonly pointers: readonly string[];
  /** What had to be read; the rest was known from its stat. */
  readonly hashed: Amount;
  /** Whether the stat cache now knows the digest of every file from the stat that it was seen with. */
  readonly allRemembered: boolean;
}

export interface LocalDigestOptions {
  /** Of the dataset's sources. */
  readonly statCache: StatCache;
  /** For progress. */
  readonly print?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Digests of files, read only where their stat is not known.
 *
 * @param paths relative to the dataset's folder, forward slashes
 * @throws MlopsError as `digestSeenFiles`; MLOPS_SOURCE_UNREADABLE
 */
export async function digestLocalFiles(
  project: DatasetProject,
  paths: readonly string[],
  options: LocalDigestOptions,
): Promise<LocalDigests> {
  return digestSeenFiles(project, await statFiles(project, [paths], options.signal), options);
}

/**
 * Digests of files that were looked at, read only where their stat is not known.
 *
 * @throws MlopsError MLOPS_SOURCE_UNREADABLE, MLOPS_FILE_CHANGED, MLOPS_SOURCE_NOT_FETCHED for a Git LFS pointer that is
 *   broken; the reason of the signal. What was hashed by then is in the cache
 */
export async function digestSeenFiles(
  project: DatasetProject,
  seen: readonly SeenFiles[],
  { statCache, print = () => undefined, signal }: LocalDigestOptions,
): Promise<LocalDigests> {
  const digests = new Map<string, LockedFile>();
  const toRead = new Map<string, LookedFile>();
  for (const looked of knownFiles(seen, statCache)) {
    const { path } = looked;
    if (isKnown(looked)) digests.set(path, looked);
    else toRead.set(path, looked);
  }
  const unknown = [...toRead.values()].map((looked) => ({
    ...looked,
    file: `${project.folder}/${looked.path}`,
  }));

  const pointers: string[] = [];
  const startedAt = Date.now();
  const counts = newCounts();
  const hashed = { files: unknown.length, bytes: unknown.reduce((sum, { size }) => sum + size, 0) };
  let failure: unknown;
  const endProgress = startProgress(
    print,
    'hashed',
    () => ({ files: Number(counts.done[1]), bytes: Number(counts.done[0]) }),
    hashed,
  );
  try {
    await hashFiles(
      unknown,
      (index, answer) => {
        const { path } = unknown[index] as LookedFile;
        if ('error' in answer) failure ??= unreadable(project, path, answer.error);
        else if (answer.changed) failure ??= fileChanged(nameOfFile(project, path));
        else if (answer.pointer === undefined) {
          digests.set(path, { path, sha256: answer.sha256, size: answer.size });
          statCache.remember(path, answer, startedAt);
        } else if (answer.pointer.target === undefined) failure ??= notFetched(project, path);
        else {
          digests.set(path, { path, ...answer.pointer.target });
          pointers.push(path);
        }
        if (failure !== undefined) Atomics.store(counts.stop, 0, 1);
      },
      { signal, counts },
    );
  } finally {
    endProgress();
  }
  if (failure !== undefined) throw failure;
  const allRemembered = unknown.every(({ path, stat }) => statCache.known(path, stat) !== undefined);
  return { digests, pointers, hashed, allRemembered };
}

/** A file as it was seen. */
export interface LookedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** From `statText`. */
  readonly stat: string;
  /** Undefined when the file would have to be read. */
  readonly sha256: string | undefined;
}

function isKnown(file: LookedFile): file is LookedFile & { readonly sha256: string } {
  return file.sha256 !== undefined;
}

/** What the stat cache knows of files that were looked at, in their order. */
export function* knownFiles(seen: readonly SeenFiles[], statCache: StatCache): Generator<LookedFile, void> {
  for (const { paths, states } of seen) {
    for (const [index, path] of paths.split('\0').entries()) {
      const stat = stateText(states, index);
      yield { path, size: sizeOfState(states, index), stat, sha256: statCache.known(path, stat) };
    }
  }
}

/** Where the bytes are needed and only a pointer is there. */
export function notFetched(project: DatasetProject, path: string): MlopsError {
  return new MlopsError(
    'MLOPS_SOURCE_NOT_FETCHED',
    'is a Git LFS pointer, not the data itself. Run git lfs pull first.',
    { file: nameOfFile(project, path) },
  );
}
