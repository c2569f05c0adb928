import {
  MlopsError,
  canonicalJson,
  datasetLockSchema,
  layout,
  messageOf,
  parseConfig,
  type DatasetLock,
  type FileDigest,
  type FileSourceConfig,
} from '@nx-mlops/core';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOfFile, type DatasetProject } from './dataset-project';
import { mapConcurrently } from './map-concurrently';
import { findSourceFiles } from './source-files';
import type { StatCache } from './stat-cache';

/** Files hashed at once: enough to keep a disk busy, few enough to leave the machine usable. */
const HASHES_AT_ONCE = 4;

/** Smaller files may be pointers that stand for the data (Git LFS). */
const POINTER_SIZE = 1024;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/**
 * Digests of all source files as they are on this machine now.
 *
 * @throws MlopsError MLOPS_SOURCE_MISSING, MLOPS_SOURCE_OUTSIDE, MLOPS_SOURCE_IS_FOLDER, MLOPS_SOURCE_UNREADABLE,
 *   MLOPS_SOURCE_NOT_FETCHED for a Git LFS pointer, MLOPS_FILE_CHANGED
 */
export async function computeLock(
  project: DatasetProject,
  sources: Readonly<Record<string, FileSourceConfig>>,
  statCache: StatCache,
  signal?: AbortSignal,
): Promise<DatasetLock> {
  const locked: DatasetLock['sources'] = {};
  for (const [name, source] of Object.entries(sources)) {
    const paths = await findSourceFiles(project, name, source);
    const files = await mapConcurrently(paths, HASHES_AT_ONCE, async (path) => ({
      path,
      ...(await digestOfSource(project, path, statCache, signal)),
    }));
    locked[name] = { files };
  }
  return { version: 1, sources: locked };
}

async function digestOfSource(
  project: DatasetProject,
  path: string,
  statCache: StatCache,
  signal: AbortSignal | undefined,
): Promise<FileDigest> {
  const file = join(project.folder, path);
  const name = nameOfFile(project, path);
  signal?.throwIfAborted();
  try {
    const digest = await statCache.digestOf(file, signal);
    if (digest.size < POINTER_SIZE && (await startsWith(file, LFS_POINTER))) {
      throw new MlopsError(
        'MLOPS_SOURCE_NOT_FETCHED',
        'is a Git LFS pointer, not the data itself. Run git lfs pull first.',
        { file: name },
      );
    }
    return digest;
  } catch (error) {
    if (error instanceof MlopsError || signal?.aborted === true) throw error;
    throw new MlopsError(
      'MLOPS_SOURCE_UNREADABLE',
      `cannot be read (${messageOf(error)}). Check that it is there and that you may read it.`,
      { file: name },
      { cause: error },
    );
  }
}

async function startsWith(file: string, text: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(text.length), 0, text.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === text;
  } finally {
    await handle.close();
  }
}

/**
 * The committed lock, or undefined where there is none yet.
 *
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID when it is no lock, as after a merge conflict
 */
export async function readLock(project: DatasetProject): Promise<DatasetLock | undefined> {
  let text: string;
  try {
    text = await readFile(join(project.folder, layout.datasetLock), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseConfig(text, datasetLockSchema, nameOfFile(project, layout.datasetLock));
}

/** The bytes of the lock file. */
export function lockText(lock: DatasetLock): string {
  return canonicalJson(lock);
}
