import { messageOf, MlopsError, type FileDigest } from '@nx-mlops/core';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from '../map-concurrently';
import type { Store } from '../store';
import { downloadBlob } from './download-blob';
import type { PackLocation } from './pack-catalogue';
import { planRuns, type PackedFile, type PackRun } from './pack-index';
import { remoteCorrupt } from './remote-error';
import { packKey } from './remote-layout';
import { distinct, isSmall, type RemoteStore } from './remote-store';
import {
  SMALL_FILE_TASKS_AT_ONCE,
  tasksOf,
  withSmallFileThreads,
  type DoSmallFileTask,
} from './small-file-threads';
import type { TransferProgress } from './transfer-progress';
import type { Transferred } from './upload-files';

/** With the longest run of a pack this bounds the memory. */
const RUNS_AT_ONCE = 4;
const BLOBS_AT_ONCE = 4;
const ATTEMPTS = 4;

export interface Downloaded extends Transferred {
  /** What the remote does not hold. */
  readonly missing: readonly FileDigest[];
}

/**
 * Brings files into the local store that it does not hold whole. Each byte is checked against the digest before its
 * file gets its name; what has arrived before a failure stays.
 *
 * @throws MlopsError MLOPS_REMOTE_CORRUPT that names the object; what the object store throws
 */
export async function downloadFiles(
  remote: RemoteStore,
  wanted: readonly FileDigest[],
  store: Store,
  { begin, signal }: { readonly begin: (bytes: number) => TransferProgress; readonly signal?: AbortSignal },
): Promise<Downloaded> {
  const unique = distinct(wanted, (digest) => digest);
  const absent = await store.absentOf(unique, signal);
  const progress = begin(absent.reduce((sum, { size }) => sum + size, 0));
  const missing: FileDigest[] = [];
  await mapConcurrently(
    absent.filter((digest) => !isSmall(digest)),
    BLOBS_AT_ONCE,
    async (digest) => {
      if (!(await downloadBlob(remote, digest, store, progress, signal))) missing.push(digest);
    },
  );
  const small = absent.filter(isSmall);
  missing.push(
    ...(await withSmallFileThreads(small.length, (run) =>
      downloadSmall({ remote, store, run, progress, signal }, small),
    )),
  );
  const gone = new Set(missing);
  const done = absent.filter((digest) => !gone.has(digest));
  return {
    files: done.length,
    bytes: done.reduce((sum, { size }) => sum + size, 0),
    skipped: unique.length - absent.length,
    missing,
  };
}

/** What the download of small files works with. */
interface SmallDownload {
  readonly remote: RemoteStore;
  readonly store: Store;
  readonly run: DoSmallFileTask;
  readonly progress: TransferProgress;
  readonly signal: AbortSignal | undefined;
}

/** @returns what the remote does not hold */
async function downloadSmall(download: SmallDownload, digests: readonly FileDigest[]): Promise<FileDigest[]> {
  const { remote, store, signal } = download;
  let rest = digests.filter(({ size }) => size > 0);
  for (const empty of digests.filter(({ size }) => size === 0)) store.addBytes(new Uint8Array(), empty);
  // A gc may put the files of a pack into another one meanwhile, so what is gone is looked for once more.
  for (let attempt = 0; attempt < 2 && rest.length > 0; attempt++) {
    const located = await remote.catalogue.locate(rest, signal);
    const gonePacks = new Set<string>();
    await mapConcurrently(runsByPack([...located.values()]), RUNS_AT_ONCE, async ({ pack, run }) => {
      if (!(await downloadRun(download, pack, run))) gonePacks.add(pack);
    });
    for (const pack of gonePacks) await remote.catalogue.forget(pack);
    rest = rest.filter(({ sha256 }) => {
      const location = located.get(sha256);
      return location === undefined || gonePacks.has(location.pack);
    });
    if (gonePacks.size === 0) break;
  }
  return rest;
}

function runsByPack(locations: readonly PackLocation[]): { pack: string; run: PackRun }[] {
  const packs = new Map<string, PackLocation[]>();
  for (const location of locations) {
    const files = packs.get(location.pack) ?? [];
    packs.set(location.pack, files);
    files.push(location);
  }
  return [...packs].flatMap(([pack, files]) => planRuns(files).map((run) => ({ pack, run })));
}

/** @returns false when the pack is gone */
async function downloadRun(
  { remote, store, run, progress, signal }: SmallDownload,
  pack: string,
  { start, end, files }: PackRun,
): Promise<boolean> {
  const bytes = await fetchRange(remote, packKey(pack), { start, end }, signal);
  if (bytes === undefined) return false;
  const tasks = tasksOf(files, ({ digest }) => digest.size);
  await mapConcurrently(tasks, SMALL_FILE_TASKS_AT_ONCE, async (part) => {
    signal?.throwIfAborted();
    const first = (part[0] as PackedFile).offset;
    const ends = part.map(({ offset, digest }) => offset + digest.size);
    const answer = await run({
      kind: 'store',
      folder: store.folder,
      // A copy of its own, which can be handed to a thread.
      bytes: Uint8Array.from(bytes.subarray(first - start, Math.max(...ends) - start)),
      files: part.map(({ digest, offset }) => ({ ...digest, start: offset - first })),
    });
    if (answer.kind === 'other-bytes') {
      throw otherBytes(remote, pack, part[answer.index] as PackedFile, start + bytes.length);
    }
    progress.add(part.reduce((sum, { digest }) => sum + digest.size, 0));
  });
  return true;
}

function otherBytes(
  { objects }: RemoteStore,
  pack: string,
  { digest, offset }: PackedFile,
  arrivedTo: number,
): MlopsError {
  const end = offset + digest.size;
  const what = end > arrivedTo ? 'it is cut short' : `bytes ${offset} to ${end - 1} have another sha256`;
  return remoteCorrupt(objects.description, packKey(pack), digest, what);
}

async function fetchRange(
  { objects }: RemoteStore,
  key: string,
  { start, end }: Pick<PackRun, 'start' | 'end'>,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await objects.get(key, { range: { start, end: end - 1 }, signal });
    if (found === undefined) return undefined;
    try {
      return await buffer(found.body);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt < ATTEMPTS) {
        await sleep(100 * 2 ** attempt, undefined, { signal });
        continue;
      }
      throw new MlopsError(
        'MLOPS_REMOTE_UNREACHABLE',
        `the connection breaks off again and again (${messageOf(error)}). What has arrived is kept; run the command again when the network is better.`,
        { file: `${objects.description}/${key}` },
        { cause: error },
      );
    }
  }
}
