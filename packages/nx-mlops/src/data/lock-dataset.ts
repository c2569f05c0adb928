import { fileSourcesOf, layout, writeAtomically, type DatasetConfig, type DatasetLock } from '@nx-mlops/core';
import { join } from 'node:path';
import { computeLock, lockText, readLock } from './dataset-lock';
import { nameOfFile, type DatasetProject, type StageIo } from './dataset-project';
import { describeChange, lockChanges, type LockChange } from './lock-changes';
import { openStore } from './store';

/** More lines than this say less. */
const MOST_LINES = 20;

export interface LockResult {
  readonly lock: DatasetLock;
  readonly changes: readonly LockChange[];
  /** Whether the file was written; false when the data is as it was. */
  readonly written: boolean;
}

/**
 * Pins the bytes of a dataset's sources in `dataset.lock.json`. The file is written only when something changed, so
 * its time stamp and git stay quiet otherwise.
 *
 * @throws MlopsError as `computeLock`; a former lock stays as it was
 */
export async function lockDataset(
  project: DatasetProject,
  config: DatasetConfig,
  { print, signal }: StageIo,
): Promise<LockResult> {
  if (Object.keys(fileSourcesOf(config)).length === 0) {
    print(`There is nothing to lock: the sources of ${project.name} are splits of other datasets.`);
    return { lock: { version: 1, sources: {} }, changes: [], written: false };
  }
  const { statCache } = await openStore(project.workspaceRoot);
  const before = await readLock(project);
  const lock = await computeLock(project, fileSourcesOf(config), statCache, signal);
  await statCache.save();
  const changes = lockChanges(before ?? { version: 1, sources: {} }, lock);
  const written = before === undefined || lockText(before) !== lockText(lock);
  if (written) await writeAtomically(join(project.folder, layout.datasetLock), lockText(lock));
  report(project, lock, changes, written, print);
  return { lock, changes, written };
}

function report(
  project: DatasetProject,
  lock: DatasetLock,
  changes: readonly LockChange[],
  written: boolean,
  print: StageIo['print'],
): void {
  for (const change of changes.slice(0, MOST_LINES)) print(describeChange(change));
  if (changes.length > MOST_LINES) print(`… and ${changes.length - MOST_LINES} more`);
  const files = Object.values(lock.sources).flatMap((source) => source.files);
  const size = files.reduce((sum, file) => sum + file.size, 0).toLocaleString('en-US');
  const what = `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${size} bytes`;
  const name = nameOfFile(project, layout.datasetLock);
  print(written ? `${name} written: ${what}. Commit it.` : `${name} is up to date: ${what}.`);
}
