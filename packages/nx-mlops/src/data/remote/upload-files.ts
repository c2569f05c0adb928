import { MlopsError, sha256OfBytes, type FileDigest } from '@nx-mlops/core';
import { stat } from 'node:fs/promises';
import { mapConcurrently } from '../map-concurrently';
import { planPacks, type PackIndex } from './pack-index';
import { blobKey, packIndexKey, packKey } from './remote-layout';
import { absentFrom, distinct, isSmall, type RemoteStore } from './remote-store';
import {
  SMALL_FILE_TASKS_AT_ONCE,
  tasksOf,
  withSmallFileThreads,
  type DoSmallFileTask,
} from './small-file-threads';
import type { TransferProgress } from './transfer-progress';

/** With the size of a pack, and of the parts of a big file, this bounds the memory. */
const PACKS_AT_ONCE = 3;
const BLOBS_AT_ONCE = 2;

export interface UploadItem {
  readonly digest: FileDigest;
  /** Absolute; holds the bytes of the digest. */
  readonly file: string;
  /** For people: relative to the workspace. */
  readonly name: string;
}

/** What a transfer did. */
export interface Transferred {
  readonly files: number;
  readonly bytes: number;
  /** Files that were there already. */
  readonly skipped: number;
}

/**
 * Sends those files that the remote does not hold yet. What was sent before a failure stays and is not sent again.
 *
 * @throws MlopsError MLOPS_FILE_CHANGED when a file no longer has the bytes of its digest; what the object store throws
 */
export async function uploadFiles(
  remote: RemoteStore,
  items: readonly UploadItem[],
  { begin, signal }: { readonly begin: (bytes: number) => TransferProgress; readonly signal?: AbortSignal },
): Promise<Transferred> {
  const unique = distinct(items, ({ digest }) => digest);
  const absent = new Set(
    (
      await absentFrom(
        remote,
        unique.map(({ digest }) => digest),
        signal,
      )
    ).map(({ sha256 }) => sha256),
  );
  const missing = unique.filter(({ digest }) => absent.has(digest.sha256));
  const bytes = missing.reduce((sum, { digest }) => sum + digest.size, 0);
  const progress = begin(bytes);
  const small = missing.filter(({ digest }) => isSmall(digest));
  const big = missing.filter(({ digest }) => !isSmall(digest));
  await withSmallFileThreads(small.length, (run) =>
    mapConcurrently(planPacks(small), PACKS_AT_ONCE, (pack) => putPack(remote, pack, run, progress, signal)),
  );
  await mapConcurrently(big, BLOBS_AT_ONCE, (item) => putBlob(remote, item, progress, signal));
  return { files: missing.length, bytes, skipped: unique.length - missing.length };
}

async function putPack(
  { objects, catalogue }: RemoteStore,
  items: readonly UploadItem[],
  run: DoSmallFileTask,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tasks = tasksOf(items, ({ digest }) => digest.size);
  const contents = await mapConcurrently(tasks, SMALL_FILE_TASKS_AT_ONCE, async (part) => {
    signal?.throwIfAborted();
    const answer = await run({
      kind: 'read',
      files: part.map(({ file, digest: { sha256, size } }) => ({ file, sha256, size })),
    });
    if (answer.kind === 'read') return answer.bytes;
    throw changed((part[answer.kind === 'other-bytes' ? answer.index : 0] as UploadItem).name);
  });
  const pack = Buffer.concat(contents);
  const index: PackIndex = {
    version: 1,
    size: pack.length,
    files: items.map(({ digest }) => [digest.sha256, digest.size]),
  };
  const name = sha256OfBytes(pack);
  // A pack of that name and size may be left from a push that was stopped right before its index. No gc removes it now:
  // it leaves such packs alone while a push is announced.
  if ((await objects.head(packKey(name), signal))?.size !== pack.length) {
    await objects.put(packKey(name), pack, { signal });
  }
  await objects.put(packIndexKey(name), Buffer.from(JSON.stringify(index)), { signal });
  await catalogue.remember(name, index);
  progress.add(pack.length);
}

async function putBlob(
  { objects }: RemoteStore,
  { digest, file, name }: UploadItem,
  progress: TransferProgress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const before = await stat(file);
  if (before.size !== digest.size) throw changed(name);
  const key = blobKey(digest.sha256);
  let sent = 0;
  const onSent = (bytes: number) => {
    sent += bytes;
    progress.add(bytes);
  };
  const put = await objects.put(key, { file }, { ifAbsent: true, signal, onSent });
  progress.add(digest.size - sent);
  const after = await stat(file);
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    if (put !== undefined) await objects.delete([key]);
    throw changed(name);
  }
  // An object cut short, as no put of ours leaves one, holds the name.
  if (put === undefined && (await objects.head(key, signal))?.size !== digest.size) {
    await objects.put(key, { file }, { signal });
  }
}

function changed(name: string): MlopsError {
  return new MlopsError(
    'MLOPS_FILE_CHANGED',
    'is being written to: its bytes are no longer those that were pinned. Run again once nothing writes to it.',
    { file: name },
  );
}
