import { MlopsError, type FileDigest } from '@nx-mlops/core';
import { setImmediate } from 'node:timers/promises';
import { nameOfFile, type DatasetProject } from './dataset-project';
import { hashFiles, newCounts, type FileToHash } from './hash-files';
import { unreadable } from './source-files';
import { fileChanged, type StatCache, type StatedFile } from './stat-cache';
import { startProgress, type Amount } from './transfer-progress';

/** What the files of this machine are. */
export interface LocalDigests {
  /** By path. Of a Git LFS pointer it is the digest of the data that it stands for. */
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Files that are Git LFS pointers: their digest is known, their bytes are not here. */
  readonly pointers: readonly string[];
  /** What had to be read; the rest was known from its stat. */
  readonly hashed: Amount;
}

export interface LocalDigestOptions {
  /** Of the dataset's sources. */
  readonly statCache: StatCache;
  /** For progress. */
  readonly print?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Files between two looks at the signal. */
const LOOKS_AT_ONCE = 4096;

/**
 * Digests of files, read only where their stat is not known.
 *
 * @param paths relative to the dataset's folder, forward slashes
 * @throws MlopsError MLOPS_SOURCE_UNREADABLE, MLOPS_FILE_CHANGED, MLOPS_SOURCE_NOT_FETCHED for a Git LFS pointer that is
 *   broken; the reason of the signal. What was hashed by then is in the cache
 */
export async function digestLocalFiles(
  project: DatasetProject,
  paths: readonly string[],
  { statCache, print = () => undefined, signal }: LocalDigestOptions,
): Promise<LocalDigests> {
  const digests = new Map<string, FileDigest>();
  const unknown: (FileToHash & { readonly path: string })[] = [];
  for (const [index, path] of paths.entries()) {
    if (index % LOOKS_AT_ONCE === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    const { size, sha256 } = lookAt(project, path, statCache);
    if (sha256 === undefined) unknown.push({ path, file: `${project.folder}/${path}`, size });
    else digests.set(path, { sha256, size });
  }

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
        const { path } = unknown[index] as { path: string };
        if ('error' in answer) failure ??= unreadable(project, path, answer.error);
        else if (answer.changed) failure ??= fileChanged(nameOfFile(project, path));
        else if (answer.pointer === undefined) {
          digests.set(path, answer);
          statCache.remember(path, answer, startedAt);
        } else if (answer.pointer.target === undefined) failure ??= notFetched(project, path);
        else {
          digests.set(path, answer.pointer.target);
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
  return { digests, pointers, hashed };
}

/** @throws MlopsError MLOPS_SOURCE_UNREADABLE */
export function lookAt(project: DatasetProject, path: string, statCache: StatCache): StatedFile {
  let looked: StatedFile;
  try {
    looked = statCache.look(path);
  } catch (error) {
    throw unreadable(project, path, error);
  }
  if (looked.isFile) return looked;
  throw unreadable(project, path, new Error('it is no regular file'));
}

/** Where the bytes are needed and only a pointer is there. */
export function notFetched(project: DatasetProject, path: string): MlopsError {
  return new MlopsError(
    'MLOPS_SOURCE_NOT_FETCHED',
    'is a Git LFS pointer, not the data itself. Run git lfs pull first.',
    { file: nameOfFile(project, path) },
  );
}
