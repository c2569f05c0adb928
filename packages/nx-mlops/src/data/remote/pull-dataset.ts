import { MlopsError } from '@nx-mlops/core';
import { formatBytes, plural } from '../../reporting/format';
import { readLockOrFail } from '../lock/check-lock';
import type { DatasetProject, StageIo } from '../dataset-project';
import { readDatasetManifest } from '../read-dataset-manifest';
import { mapConcurrently } from '../map-concurrently';
import { openStore, type Store } from '../store';
import { downloadFiles, type Downloaded } from './download-files';
import { localState, lockedFiles, namesOf, type LockedFile, type NamedFile } from './locked-files';
import type { RemoteStore } from './remote-store';
import { SMALL_FILE_TASKS_AT_ONCE, tasksOf, withSmallFileThreads } from './small-file-threads';
import { TransferProgress } from './transfer-progress';

export interface PullOptions {
  /** Replaces files of the workspace that have other bytes than the lock says. @default false */
  readonly force?: boolean;
  /** Brings the prepared splits, too. @default false */
  readonly splits?: boolean;
}

/** What a pull did. */
export interface Pulled {
  /** Files brought into place. */
  readonly placed: number;
  /** Bytes that came from the remote. */
  readonly bytes: number;
}

/**
 * Brings the source files that the lock names into place, and with `splits` the prepared splits into the store. What is
 * here already is left as it is.
 *
 * @throws MlopsError MLOPS_LOCK_MISSING; MLOPS_PULL_CONFLICT, with nothing changed, when a file has other bytes;
 *   MLOPS_REMOTE_LACKS when the remote does not hold some; MLOPS_REMOTE_CORRUPT; what the object store throws
 */
export async function pullDataset(
  project: DatasetProject,
  remote: RemoteStore,
  io: StageIo,
  { force = false, splits = false }: PullOptions = {},
): Promise<Pulled> {
  const { store, statCache } = await openStore(project.workspaceRoot);
  try {
    const files = lockedFiles(project, await readLockOrFail(project));
    const state = await localState(project, files, io);
    if (state.differing.length > 0 && !force) throw conflict(project, state.differing);
    const wanted = [...state.absent, ...state.differing];
    const splitFiles = splits ? await preparedSplits(project, store) : [];
    const got = await fetch(project, remote, store, [...wanted, ...splitFiles], io);
    await placeAll(wanted, store, io);
    const here = state.present.length + got.skipped;
    io.print(
      `Pulled ${project.name} from ${remote.objects.description}: ${plural(got.files, 'file')}, ${formatBytes(got.bytes)}${got.rate}; ${plural(wanted.length, 'file')} brought into place, ${plural(here, 'file')} here already.`,
    );
    return { placed: wanted.length, bytes: got.bytes };
  } finally {
    await statCache.save();
  }
}

/** Brings source files into place that are in the store. */
export async function placeAll(
  files: readonly LockedFile[],
  store: Store,
  { signal }: Pick<StageIo, 'signal'>,
): Promise<void> {
  const moves = files.map(({ digest, file }) => ({ stored: store.pathOf(digest.sha256), target: file }));
  await withSmallFileThreads(files.length, async (run) => {
    const tasks = tasksOf(moves, () => 0);
    await mapConcurrently(tasks, SMALL_FILE_TASKS_AT_ONCE, async (part) => {
      signal?.throwIfAborted();
      await run({ kind: 'place', files: part });
    });
  });
}

async function preparedSplits(project: DatasetProject, store: Store): Promise<NamedFile[]> {
  const manifest = await readDatasetManifest(project);
  return Object.values(manifest.splits).map(({ split, file: digest }) => ({
    digest,
    file: store.pathOf(digest.sha256),
    name: `${project.name}:${split}`,
  }));
}

async function fetch(
  project: DatasetProject,
  remote: RemoteStore,
  store: Store,
  files: readonly NamedFile[],
  { print, signal }: StageIo,
): Promise<Downloaded & { rate: string }> {
  let progress: TransferProgress | undefined;
  const got = await downloadFiles(
    remote,
    files.map(({ digest }) => digest),
    store,
    { begin: (bytes) => (progress = new TransferProgress(`Pulling ${project.name}`, bytes, print)), signal },
  );
  if (got.missing.length > 0) {
    const missing = new Set(got.missing.map(({ sha256 }) => sha256));
    throw lacks(
      remote,
      project,
      files.filter(({ digest }) => missing.has(digest.sha256)),
    );
  }
  return { ...got, rate: progress?.rate === undefined ? '' : ` at ${progress.rate}` };
}

function conflict(project: DatasetProject, differing: readonly LockedFile[]): MlopsError {
  return new MlopsError(
    'MLOPS_PULL_CONFLICT',
    `${namesOf(differing)} ${differing.length === 1 ? 'has' : 'have'} other bytes than the lock says, so nothing was pulled. If they are changes to keep, run nx run ${project.name}:lock; if not, run nx run ${project.name}:pull --force, which replaces them.`,
  );
}

function lacks(remote: RemoteStore, project: DatasetProject, files: readonly NamedFile[]): MlopsError {
  return new MlopsError(
    'MLOPS_REMOTE_LACKS',
    `${remote.objects.description} does not hold ${namesOf(files)}. What it does hold was fetched into the store. Run nx run ${project.name}:push on a machine that has the data.`,
  );
}
