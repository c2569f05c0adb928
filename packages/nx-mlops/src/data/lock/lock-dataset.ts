import {
  fileSourcesOf,
  layout,
  sha256OfBytes,
  writeAtomically,
  type DatasetConfig,
  type DatasetLock,
  type ObjectStore,
} from '@nx-mlops/core';
import { formatBytes, formatCount, formatDuration, plural } from '../../reporting/format';
import { join } from 'node:path';
import { computeLock, readLockText, type LockedFile } from './dataset-lock';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { describeChange, lockChanges, type LockChange } from './lock-changes';
import { lockText, parseLock } from './lock-text';
import { openBucketOfSource } from '../sources/open-bucket-of-source';
import { readersOf } from '../sources/open-reader';
import { lockAddresses } from '../sources/remote-sources';
import { amountSeen, lookAtSources } from './look-at-sources';
import { loadSourceStatCache } from './stat-cache';
import { openStore } from '../store';
import type { Amount } from './file-progress';
import { areUnchanged, rememberUnchanged } from './unchanged-sources';

/** More lines than this say less. */
const MOST_LINES = 20;

export interface LockOptions extends StageIo {
  /** Opens `s3://bucket`. @default with the credentials of the environment */
  readonly openBucket?: (address: string) => Promise<ObjectStore>;
}

export interface LockResult {
  /** All files of the lock. */
  readonly total: Amount;
  readonly changes: readonly LockChange[];
  /** Whether the file was written; false when the data is as it was. */
  readonly written: boolean;
  /** Files of this machine that were read; the others were known from their stat. */
  readonly hashed: Amount;
  /** Files that came from an address. */
  readonly fetched: Amount;
  /** Files that are Git LFS pointers here; they are locked by the digest that they name. */
  readonly pointers: readonly string[];
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
  { print, signal, openBucket = openBucketOfSource }: LockOptions,
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
  const sources = await lookAtSources(project, fileSourcesOf(config), { signal });
  if (await areUnchanged(project, sources)) return say({ ...nothingNew, total: amountSeen(sources) });

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
    if (allRemembered)
      await rememberUnchanged(project, sources, sha256OfBytes(written ? text : (before ?? text)));
    return say({ total: amountLocked(lock), changes, written, hashed, fetched, pointers });
  } finally {
    await statCache.save();
  }
}

const noFiles: Amount = { files: 0, bytes: 0 };

const nothingNew: Omit<LockResult, 'total'> = {
  changes: [],
  written: false,
  hashed: noFiles,
  fetched: noFiles,
  pointers: [],
};

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

function summaryOf(
  { total, changes, written, hashed, fetched, pointers }: LockResult,
  name: string,
  seconds: number,
): string[] {
  const lines = changes.slice(0, MOST_LINES).map(describeChange);
  if (changes.length > MOST_LINES) lines.push(`… and ${changes.length - MOST_LINES} more`);
  if (pointers.length > 0) {
    lines.push(
      `${plural(pointers.length, 'file')} by the digest of a Git LFS pointer, such as ${pointers[0]}: prepare needs git lfs pull.`,
    );
  }
  const how = [
    hashed.files === 0 ? '' : `${formatBytes(hashed.bytes)} of ${plural(hashed.files, 'file')} hashed`,
    fetched.files === 0 ? '' : `${formatBytes(fetched.bytes)} of ${plural(fetched.files, 'file')} fetched`,
    hashed.files + fetched.files === 0 ? 'nothing had to be read' : '',
    seconds < 1 ? '' : `in ${formatDuration(seconds)}`,
  ].filter((part) => part !== '');
  const what = `${plural(total.files, 'file')}, ${formatCount(total.bytes)} bytes (${how.join(', ')})`;
  lines.push(written ? `${name} written: ${what}. Commit it.` : `${name} is up to date: ${what}.`);
  return lines;
}
