import { layout, MlopsError, type DatasetManifest } from '@nx-mlops/core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes, plural } from '../../reporting/format';
import { readLockOrFail } from '../lock/check-lock';
import { lockText } from '../lock/lock-text';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { readDatasetManifest } from '../read-dataset-manifest';
import { openStore, type Store } from '../store';
import { localState, lockedFiles, namesOf, type LockedFile, type NamedFile } from './locked-files';
import { announcePush, PUSH_LEASE_MS } from './push-record';
import { absentFrom, type RemoteStore } from './remote-store';
import { TransferProgress } from './transfer-progress';
import { uploadFiles, type Transferred, type UploadItem } from './upload-files';

export interface PushOptions {
  /** Whether the source files go, too; the splits do. @default true */
  readonly sources?: boolean;
  /** ms since the epoch. @default Date.now */
  readonly now?: () => number;
}

/**
 * Sends what the lock names, and the splits that were prepared last, to the remote. What is there already is not sent
 * again.
 *
 * @throws MlopsError MLOPS_LOCK_MISSING; MLOPS_LOCK_MISMATCH when a file has other bytes than the lock says;
 *   MLOPS_PUSH_INCOMPLETE when bytes are neither here nor there; what the object store throws
 */
export async function pushDataset(
  project: DatasetProject,
  remote: RemoteStore,
  io: StageIo,
  { sources = true, now = Date.now }: PushOptions = {},
): Promise<Transferred> {
  const { print, signal } = io;
  const { store, statCache } = await openStore(project.workspaceRoot);
  const lock = await readLockOrFail(project);
  const manifest = await preparedManifest(project);
  const splits = await splitFiles(project, manifest, store, signal);
  const locked = sources
    ? await localState(project, lockedFiles(project, lock), io)
    : { present: [], absent: [], differing: [] };
  await statCache.save();
  if (locked.differing.length > 0) throw mismatch(project, locked.differing);

  const items: UploadItem[] = [...locked.present, ...splits.present];
  const absent = [...locked.absent, ...splits.absent];
  let progress: TransferProgress | undefined;
  const begin = (bytes: number) =>
    (progress ??= new TransferProgress(`Pushing ${project.name}`, bytes, print));
  const sent = await untilInTime(now, async () => {
    await announcePush(remote.objects, project.name, lockText(lock), manifest, io);
    // What a gc took since this machine last looked would else count as there.
    await remote.catalogue.refresh(signal);
    await requireThere(project, remote, absent, signal);
    return uploadFiles(remote, items, { begin, signal });
  });
  const rate = progress?.rate === undefined ? '' : ` at ${progress.rate}`;
  print(
    `Pushed ${project.name} to ${remote.objects.description}: ${plural(sent.files, 'file')}, ${formatBytes(sent.bytes)}${rate}; ${plural(sent.skipped + absent.length, 'file')} there already.`,
  );
  return sent;
}

/**
 * Repeats a push until a round is over well before a `gc` may take it for one that died. The first may take days, or the
 * machine may have slept; the next finds what was sent, and sends again what was taken meanwhile.
 *
 * @returns what all rounds sent, and what the first found there
 */
async function untilInTime(now: () => number, round: () => Promise<Transferred>): Promise<Transferred> {
  let all: Transferred | undefined;
  for (;;) {
    const begun = now();
    const sent = await round();
    all = all === undefined ? sent : { ...all, files: all.files + sent.files, bytes: all.bytes + sent.bytes };
    if (now() - begun < PUSH_LEASE_MS / 2) return all;
  }
}

async function preparedManifest(project: DatasetProject): Promise<DatasetManifest | undefined> {
  const file = join(project.folder, layout.prepared, layout.datasetManifest);
  return existsSync(file) ? readDatasetManifest(project) : undefined;
}

/** The splits, by whether their bytes are on this machine; it may have got the manifest alone, from the cache. */
async function splitFiles(
  project: DatasetProject,
  manifest: DatasetManifest | undefined,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<{ present: NamedFile[]; absent: NamedFile[] }> {
  const present: NamedFile[] = [];
  const absent: NamedFile[] = [];
  for (const { split, file: digest } of Object.values(manifest?.splits ?? {})) {
    const file = { digest, file: store.pathOf(digest.sha256), name: `${project.name}:${split}` };
    ((await store.isWhole(digest, signal)) ? present : absent).push(file);
  }
  return { present, absent };
}

async function requireThere(
  project: DatasetProject,
  remote: RemoteStore,
  files: readonly NamedFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (files.length === 0) return;
  const digests = files.map(({ digest }) => digest);
  const lacking = new Set((await absentFrom(remote, digests, signal)).map(({ sha256 }) => sha256));
  const lost = files.filter(({ digest }) => lacking.has(digest.sha256));
  if (lost.length === 0) return;
  throw new MlopsError(
    'MLOPS_PUSH_INCOMPLETE',
    `The bytes of ${namesOf(lost)} are neither on this machine nor in ${remote.objects.description}. Push from a machine that has them, bring the source files back, or run nx run ${project.name}:prepare --skip-nx-cache for splits.`,
  );
}

function mismatch(project: DatasetProject, differing: readonly LockedFile[]): MlopsError {
  return new MlopsError(
    'MLOPS_LOCK_MISMATCH',
    `does not fit the data: ${namesOf(differing)} ${differing.length === 1 ? 'has' : 'have'} other bytes. If the new data is meant, run nx run ${project.name}:lock and commit the lock; if not, bring the locked files back (nx run ${project.name}:pull --force).`,
    { file: nameOfFile(project, layout.datasetLock) },
  );
}
