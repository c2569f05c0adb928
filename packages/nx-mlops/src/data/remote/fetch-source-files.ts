import type { DatasetConfig, DatasetLock } from '@nx-mlops/core';
import { formatBytes, plural } from '../../reporting/format';
import { readLock } from '../lock/dataset-lock';
import type { DatasetProject, StageIo } from '../dataset-project';
import type { Store } from '../store';
import { downloadFiles } from './download-files';
import { absentFiles, lockedFiles } from './locked-files';
import { openRemote } from './open-remote';
import { placeAll } from './pull-dataset';
import { TransferProgress } from './transfer-progress';

/**
 * Brings locked source files that this machine lacks into place, from the remote where there is one that holds them. Where
 * none is missing it costs a stat for each file and asks nothing of the remote. Files that the remote lacks stay missing,
 * which the check of the lock then tells.
 *
 * @param options.withFileLists also the files of sources of the format "files"
 * @returns how many files came into place
 * @throws MlopsError MLOPS_REMOTE_CORRUPT; what the object store throws
 */
export async function fetchSourceFiles(
  project: DatasetProject,
  config: DatasetConfig,
  {
    store,
    print = () => undefined,
    signal,
    withFileLists = false,
  }: Partial<StageIo> & { readonly store: Store; readonly withFileLists?: boolean },
): Promise<number> {
  const lock = await readLock(project);
  if (lock === undefined) return 0;
  const absent = await absentFiles(
    project,
    lockedFiles(project, readBytesOf(lock, config, withFileLists)),
    signal,
  );
  if (absent.length === 0) return 0;
  const remote = await openRemote(project.workspaceRoot);
  if (remote === undefined) return 0;
  print(
    `${plural(absent.length, 'source file')} of ${project.name} ${absent.length === 1 ? 'is' : 'are'} not on this machine; fetching from ${remote.objects.description} …`,
  );
  const got = await downloadFiles(
    remote,
    absent.map(({ digest }) => digest),
    store,
    { begin: (bytes) => new TransferProgress(`Fetching ${project.name}`, bytes, print), signal },
  );
  const missing = new Set(got.missing.map(({ sha256 }) => sha256));
  const placed = absent.filter(({ digest }) => !missing.has(digest.sha256));
  await placeAll(placed, store, { signal });
  print(`Fetched ${plural(got.files, 'file')}, ${formatBytes(got.bytes)}.`);
  return placed.length;
}

/** The sources whose bytes are read; of those of the format "files" the lock says all, except to a script. */
function readBytesOf(lock: DatasetLock, { sources }: DatasetConfig, withFileLists: boolean): DatasetLock {
  const read = Object.entries(lock.sources).filter(([name]) => {
    const source = sources[name];
    return source !== undefined && 'path' in source && (source.format !== 'files' || withFileLists);
  });
  return { ...lock, sources: Object.fromEntries(read) };
}
