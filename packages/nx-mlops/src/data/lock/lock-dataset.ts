import {
  fileSourcesOf,
  layout,
  sha256OfBytes,
  writeAtomically,
  type DatasetConfig,
  type DatasetLock,
  type ObjectStore,
} from '@nx-mlops/core';
import { join } from 'node:path';
import { computeLock, readLockText, type LockedFile } from './dataset-lock';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { lockChanges } from './lock-changes';
import { noFiles, nothingNew, summaryOf, type LockResult } from './lock-result';
import { lockText, parseLock } from './lock-text';
import { openBucketOfSource } from '../sources/open-bucket-of-source';
import { readersOf } from '../sources/open-reader';
import { lockAddresses } from '../sources/remote-sources';
import { amountSeen, lookAtSources, type SeenSource } from './look-at-sources';
import { loadSourceStatCache } from './stat-cache';
import { openStore } from '../store';
import type { Amount } from './file-progress';
import { areUnchanged, rememberConfig, rememberUnchanged } from './unchanged-sources';

export interface LockOptions extends StageIo {
  /** Opens `s3://bucket`. @default with the credentials of the environment */
  readonly openBucket?: (address: string) => Promise<ObjectStore>;
}

/** What is at hand already. */
export interface LockFacts {
  /** The text that the config was read from, so that `lockProject` need not read it again. */
  readonly configText?: string;
  /** The sources of the config as they were just seen, where they are not as they were at the last lock. */
  readonly seen?: ReadonlyMap<string, SeenSource>;
}

/**
 * Pins the bytes of a dataset's sources in `dataset.lock.json`. The file is written only when something changed, so
 * its time stamp and git stay quiet otherwise. What was hashed is remembered also when it ends early.
 *
 * @throws MlopsError as `computeLock` and `lockAddresses`; a former lock stays as it was
 */
export async function lockDataset(
  project: DatasetProject,
  config: DatasetConfig,
  { print, signal, openBucket = openBucketOfSource, configText, seen }: LockOptions & LockFacts,
): Promise<LockResult> {
  if (Object.keys(fileSourcesOf(config)).length === 0) {
    print(`There is nothing to lock: the sources of ${project.name} are splits of other datasets.`);
    return { ...nothingNew, total: noFiles };
  }
  const startedAt = performance.now();
  const file = nameOfFile(project, layout.datasetLock);
  const say = (result: LockResult) => {
    for (const line of summaryOf(result, file, (performance.now() - startedAt) / 1000)) print(line);
    return result;
  };
  const sources = seen ?? (await lookAtSources(project, fileSourcesOf(config), { signal }));
  if (seen === undefined && (await areUnchanged(project, sources))) {
    if (configText !== undefined) await rememberConfig(project, sources, configText);
    return say({ ...nothingNew, total: amountSeen(sources) });
  }

  const before = await readLockText(project);
  // Read only where it is needed: most often the text is the same.
  const parsed = once(() => (before === undefined ? undefined : parseLock(before, file)));
  const statCache = await loadSourceStatCache(project, layout.sourceStatCache);
  const fetched = { files: 0, bytes: 0 };
  const openReader = readersOf(openBucket);
  try {
    const { lock, hashed, pointers, allRemembered } = await computeLock(
      project,
      sources,
      async (source, addresses) => {
        const { store, statCache: storeStatCache } = await openStore(project.workspaceRoot);
        const known = filesByPath(parsed(), source);
        const downloads = join(project.workspaceRoot, layout.downloads);
        const remote = { openReader, store, downloads, print, signal };
        const answer = await lockAddresses(addresses, known, remote);
        fetched.files += answer.fetched.files;
        fetched.bytes += answer.fetched.bytes;
        await storeStatCache.save();
        return answer.files;
      },
      { statCache, print, signal },
    );
    statCache.forgetUnseen();
    const text = lockText(lock);
    const former = text === before ? lock : parsed();
    const written = former === undefined || (text !== before && text !== lockText(former));
    const changes = written ? lockChanges(former ?? { version: 1, sources: {} }, lock) : [];
    if (written) await writeAtomically(join(project.folder, layout.datasetLock), text);
    await statCache.save();
    if (allRemembered) {
      const lock = sha256OfBytes(written ? text : (before ?? text));
      await rememberUnchanged(project, sources, { lock, configText });
    }
    return say({ total: amountLocked(lock), changes, written, hashed, fetched, pointers });
  } finally {
    await statCache.save();
  }
}

function amountLocked(lock: DatasetLock): Amount {
  const files = Object.values(lock.sources).flatMap((source) => source.files);
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

function filesByPath(lock: DatasetLock | undefined, source: string): Map<string, LockedFile> {
  return new Map((lock?.sources[source]?.files ?? []).map((file) => [file.path, file]));
}
