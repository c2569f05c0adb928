import {
  MlopsError,
  fileSourcesOf,
  layout,
  type DatasetConfig,
  type FileSourceConfig,
  type ObjectStore,
} from '@nx-mlops/core';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { filesAt, mismatch, readLockOrFail } from './check-lock';
import type { LockedFile } from './dataset-lock';
import { plural } from '../../reporting/format';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { knownFiles } from './digest-local-files';
import { MOST_POINTER_BYTES, parseLfsPointer } from './git-lfs-pointer';
import { addressesOf } from '../sources/addresses-of-source';
import { isGlob } from '../sources/glob-pattern';
import { openBucketOfSource } from '../sources/open-bucket-of-source';
import { readersOf } from '../sources/open-reader';
import { compareWithLock, lookAtAddresses } from '../sources/remote-sources';
import { isAddress, shownAddress } from '../sources/source-address';
import { findSourceFiles, patternsOf } from '../sources/source-files';
import { amountSeen, lookAtSources, type SeenSource } from './look-at-sources';
import { areUnchanged } from './unchanged-sources';
import { loadSourceStatCache, type StatCache } from './stat-cache';

/** More differences than this say less. */
const MOST_NAMED = 20;

export interface InspectOptions extends StageIo {
  /** Opens `s3://bucket`. @default with the credentials of the environment */
  readonly openBucket?: (address: string) => Promise<ObjectStore>;
}

/** What the metadata of a dataset's files says of its lock; numbers of files. */
export interface LockInspection {
  /** Known to have the locked bytes: from the stat cache, a Git LFS pointer, or the server's etag. */
  readonly verified: number;
  /** Name and size are as locked, but nothing knows the bytes without reading them. */
  readonly unverified: number;
  /** Locked, and their whole source is not on this machine. */
  readonly absent: number;
}

/**
 * Says whether lock and data agree, from names, sizes, the stat cache and what servers tell: no file is hashed, nothing
 * is fetched or written.
 *
 * - A file whose name or size differs, or whose digest is known and differs, is a disagreement; so is one that is in the
 *   config or on the disk and not in the lock, and the other way round.
 * - A file with the locked name and size of which nothing more is known is counted as not verified, and passes: on a fresh
 *   clone that is every file, and reading them is what `lock` and `prepare` are for.
 * - A source without any of its files on this machine passes, for most machines that check a commit hold no data. Its part
 *   of the lock must still fit the paths in the config.
 *
 * @throws MlopsError MLOPS_LOCK_MISSING, MLOPS_LOCK_MISMATCH naming the files; MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID
 *   for a broken lock; for addresses as `AddressReader`
 */
export async function inspectLock(
  project: DatasetProject,
  config: DatasetConfig,
  { print, signal, openBucket = openBucketOfSource }: InspectOptions,
): Promise<LockInspection> {
  const count = { verified: 0, unverified: 0, absent: 0 };
  const configured = fileSourcesOf(config);
  if (Object.keys(configured).length === 0) {
    print(`There is nothing to check: the sources of ${project.name} are splits of other datasets.`);
    return count;
  }
  const sources = await lookAtSources(project, configured, { signal }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return lookAtSources(project, configured, { signal, filesOf: filesHere });
  });
  if (await areUnchanged(project, sources)) {
    count.verified = amountSeen(sources).files;
    print(sentenceOf(project, count));
    return count;
  }
  const lock = await readLockOrFail(project);
  const statCache = await loadSourceStatCache(project, layout.sourceStatCache);
  const openReader = readersOf(openBucket);
  const problems: string[] = [];
  for (const name of Object.keys(lock.sources)) {
    if (configured[name] === undefined)
      problems.push(`The lock has the source "${name}", which is not in the config.`);
  }
  for (const [name, source] of Object.entries(configured)) {
    signal?.throwIfAborted();
    const locked = lock.sources[name]?.files;
    if (locked === undefined) {
      problems.push(`The source "${name}" of the config is not in the lock.`);
      continue;
    }
    problems.push(...strangersTo(source, name, locked));
    const addresses = addressesOf(project, name, source);
    const remote = new Map(
      addresses.flatMap((address) => filesAt(locked, address)).map((file) => [file.path, file]),
    );
    for (const { now } of await lookAtAddresses(addresses, remote, { openReader, signal })) {
      const before = remote.get(now.address);
      remote.delete(now.address);
      if (before === undefined) {
        problems.push(`${shownAddress(now.address)} (source "${name}") is not in the lock.`);
        continue;
      }
      const verdict = compareWithLock(now, before);
      if (verdict === 'same') count.verified += 1;
      else if (verdict === 'unknown') count.unverified += 1;
      else problems.push(`${shownAddress(now.address)} has changed since it was locked.`);
    }
    for (const address of remote.keys()) {
      problems.push(`${shownAddress(address)} (source "${name}") is in the lock but not at its server.`);
    }
    const { seen } = sources.get(name) as SeenSource;
    inspectLocal({ project, name, seen, locked, statCache, count, problems });
  }
  if (problems.length > 0) {
    const more = problems.length > MOST_NAMED ? ` ${problems.length - MOST_NAMED} more differences.` : '';
    throw mismatch(project, `${problems.slice(0, MOST_NAMED).join(' ')}${more}`);
  }
  print(sentenceOf(project, count));
  return count;
}

interface LocalInspection {
  readonly project: DatasetProject;
  readonly name: string;
  readonly seen: SeenSource['seen'];
  readonly locked: readonly LockedFile[];
  readonly statCache: StatCache;
  readonly count: { verified: number; unverified: number; absent: number };
  readonly problems: string[];
}

function inspectLocal(inspection: LocalInspection): void {
  const { project, name, seen, locked, statCache, count, problems } = inspection;
  const missing = new Map(locked.filter(({ path }) => !isAddress(path)).map((file) => [file.path, file]));
  if (seen.length === 0) {
    count.absent += missing.size;
    return;
  }
  for (const now of knownFiles(seen, statCache)) {
    const { path } = now;
    const before = missing.get(path);
    missing.delete(path);
    const shown = nameOfFile(project, path);
    if (before === undefined) {
      problems.push(`${shown} (source "${name}") is not in the lock.`);
      continue;
    }
    const pointer =
      now.sha256 === undefined && now.size <= MOST_POINTER_BYTES
        ? parseLfsPointer(readFileSync(`${project.folder}/${path}`, 'latin1'))?.target
        : undefined;
    const { size, sha256 } = pointer ?? now;
    if (size !== before.size) problems.push(`${shown} has ${size} bytes, the lock says ${before.size}.`);
    else if (sha256 === undefined) count.unverified += 1;
    else if (sha256 === before.sha256) count.verified += 1;
    else problems.push(`${shown} has sha256 ${sha256}, the lock says ${before.sha256}.`);
  }
  for (const path of missing.keys()) {
    problems.push(`${nameOfFile(project, path)} (source "${name}") is in the lock but not on this machine.`);
  }
}

/** As `sourceFiles`, of several paths those that are here: the others are missed by the lock. */
function* filesHere(
  project: DatasetProject,
  name: string,
  patterns: readonly string[],
): Generator<readonly string[], void> {
  const found = patterns.map((pattern) => filesAtPath(project, name, pattern));
  const [first = [], ...others] = found.filter((files) => files.length > 0);
  yield others.length === 0 ? first : [...new Set([first, ...others].flat())].sort();
}

function filesAtPath(project: DatasetProject, name: string, pattern: string): readonly string[] {
  try {
    return findSourceFiles(project, name, [pattern]);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof MlopsError && error.code === 'MLOPS_SOURCE_MISSING';
}

/**
 * Where lock and paths of the config have nothing to do with each other, which shows on a machine without data too:
 * the config was edited and nobody locked again.
 */
function strangersTo(source: FileSourceConfig, name: string, locked: readonly LockedFile[]): string[] {
  const patterns = patternsOf(source).map((pattern) =>
    isAddress(pattern) ? pattern : posix.normalize(pattern),
  );
  const rest = new Set(locked.map(({ path }) => path));
  const unlocked = patterns.filter((pattern) => {
    const mine = [...rest].filter((path) => mayMatch(pattern, path));
    const isLocked = mine.length > 0 || locked.some(({ path }) => mayMatch(pattern, path));
    for (const path of mine) rest.delete(path);
    return !isLocked;
  });
  const [stranger] = rest;
  return [
    ...unlocked.map((pattern) => `Nothing in the lock is of "${shownAddress(pattern)}" (source "${name}").`),
    ...(stranger === undefined
      ? []
      : [
          `${rest.size} locked ${rest.size === 1 ? 'file' : 'files'} of the source "${name}", such as ${shownAddress(stranger)}, ${rest.size === 1 ? 'is' : 'are'} not among its paths in the config.`,
        ]),
  ];
}

/** Whether a locked path may come from a path of the config. Of a glob only the folders before its first star count. */
function mayMatch(pattern: string, path: string): boolean {
  if (isAddress(pattern) || isAddress(path)) {
    return (
      path === pattern || (pattern.startsWith('s3://') && pattern.endsWith('/') && path.startsWith(pattern))
    );
  }
  if (path === pattern) return true;
  const parts = pattern.replace(/\/$/, '').split('/');
  const dynamic = parts.findIndex((part) => isGlob(part));
  const base = (dynamic === -1 ? parts : parts.slice(0, dynamic)).join('/');
  return base === '' || base === '.' || path.startsWith(`${base}/`);
}

function sentenceOf(project: DatasetProject, { verified, unverified, absent }: LockInspection): string {
  const parts = [
    verified === 0 ? '' : `${plural(verified, 'file')} verified`,
    unverified === 0 ? '' : `${plural(unverified, 'file')} with the locked size, not verified`,
    absent === 0 ? '' : `${plural(absent, 'file')} not on this machine`,
  ].filter((part) => part !== '');
  return `${nameOfFile(project, layout.datasetLock)} agrees with config and data: ${parts.join(', ')}.`;
}
