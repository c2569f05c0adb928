import { fileSourcesOf, layout, type DatasetConfig, type ObjectStore } from '@nx-mlops/core';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLock } from '../lock/check-lock';
import type { LockedFile } from '../lock/dataset-lock';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { notFetched } from '../lock/digest-local-files';
import { fileListText, fileListTypes } from './file-list';
import { mapConcurrently } from '../map-concurrently';
import { openBucketOfSource } from './open-bucket-of-source';
import { readersOf } from './open-reader';
import { fetchSourceFiles } from '../remote/fetch-source-files';
import { fetchLocked, type RemoteOptions } from './remote-sources';
import { isAddress, pathOfAddress } from './source-address';
import { formatOfSource } from './source-format';
import type { SourceTable } from './source-query';
import { loadSourceStatCache } from '../lock/stat-cache';
import type { Store } from '../store';

const DOWNLOADS_AT_ONCE = 4;

export interface LocalSourcesOptions {
  readonly store: Store;
  /** For progress. */
  readonly print?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Opens `s3://bucket`. @default with the credentials of the environment */
  readonly openBucket?: (address: string) => Promise<ObjectStore>;
  /**
   * A script reads the files of a source of the format "files" itself, so their bytes are brought here and checked;
   * else such a source is the list of its files, from the lock alone. @default false
   */
  readonly forScript?: boolean;
}

/** A source on this machine: a table, or files of any kind, absolute, in the order of the lock. */
export type LocalSource = SourceTable | { readonly format: 'files'; readonly files: readonly string[] };

/**
 * The sources of a dataset as files of this machine, by name, checked against the lock. Those at an address come from
 * the store, or are fetched into it.
 *
 * @throws MlopsError MLOPS_SOURCE_FORMAT, MLOPS_SOURCE_NOT_FETCHED for a Git LFS pointer, MLOPS_SOURCE_CHANGED; what
 *   `checkLock` and `fetchLocked` throw
 */
export async function localSources(
  project: DatasetProject,
  config: DatasetConfig,
  { store, print, signal, openBucket = openBucketOfSource, forScript = false }: LocalSourcesOptions,
): Promise<Map<string, LocalSource>> {
  await fetchSourceFiles(project, config, { store, print, signal, withFileLists: forScript });
  const statCache = await loadSourceStatCache(project, layout.sourceStatCache);
  const { lock, pointers } = await checkLock(project, config, {
    statCache,
    print,
    signal,
    withFileLists: forScript,
  }).finally(() => statCache.save());
  const [pointer] = pointers;
  if (pointer !== undefined) throw notFetched(project, pointer);
  const downloads = join(project.workspaceRoot, layout.downloads);
  const remote = { openReader: readersOf(openBucket), store, downloads, print, signal };
  const sources = new Map<string, LocalSource>();
  for (const [name, source] of Object.entries(fileSourcesOf(config))) {
    const locked = lock.sources[name]?.files ?? [];
    if (source.format === 'files' && !forScript) {
      sources.set(name, await fileListTable(locked, remote));
      continue;
    }
    const files = await mapConcurrently(locked, DOWNLOADS_AT_ONCE, (file) =>
      isAddress(file.path) ? fetchNamed(file, remote) : Promise.resolve(join(project.folder, file.path)),
    );
    if (source.format === 'files') {
      sources.set(name, { format: 'files', files });
      continue;
    }
    const format = formatOfSource(
      locked.map(({ path }) => (isAddress(path) ? pathOfAddress(path) : path)),
      source.format,
      { file: nameOfFile(project, layout.datasetConfig), path: `sources.${name}` },
    );
    sources.set(name, { format, files, types: source.types, encoding: source.encoding });
  }
  return sources;
}

/** The table of a source of the format "files": it lies in the store, for there it does no harm and is made once. */
async function fileListTable(
  locked: readonly LockedFile[],
  { store, downloads }: RemoteOptions,
): Promise<SourceTable> {
  await mkdir(downloads, { recursive: true });
  const file = join(downloads, `files.${process.pid}.${Math.random().toString(36).slice(2, 8)}.csv`);
  await writeFile(file, fileListText(locked));
  const { sha256 } = await store.addFile(file, { move: true });
  return { format: 'csv', files: [store.pathOf(sha256)], types: fileListTypes };
}

/** In the store a file has no extension, by which readers tell that it is compressed. */
async function fetchNamed(locked: LockedFile, remote: RemoteOptions): Promise<string> {
  const file = await fetchLocked(locked, remote);
  if (!/\.gz$/i.test(pathOfAddress(locked.path))) return file;
  const named = `${file}.gz`;
  await link(file, named).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EEXIST' ? undefined : copyFile(file, named),
  );
  return named;
}
