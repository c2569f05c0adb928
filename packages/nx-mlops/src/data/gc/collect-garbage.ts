import { MlopsError } from '@nx-mlops/core';
import { formatBytes, formatCount } from '../../reporting/format';
import { textTable } from '../../reporting/table';
import type { StageIo } from '../dataset-project';
import { openRequiredRemote } from '../remote/open-remote';
import { collectLocal } from './collect-local';
import { collectRemote } from './collect-remote';
import { readLive } from './live-digests';
import type { GcOptions, Removal } from './plan';

const DAY_MS = 24 * 60 * 60 * 1000;
export const KEEP_DAYS = 1;

/**
 * Removes data that no branch needs any more: from the local store, and with `remote` from the remote.
 *
 * @throws MlopsError MLOPS_GC_NO_GIT, MLOPS_GC_UNKNOWN_BRANCH; MLOPS_GC_SHALLOW when the remote is to be cleaned from a
 *   clone that may lack branches; MLOPS_REMOTE_MISSING; MLOPS_GC_RUNNING
 */
export async function collectGarbage(
  workspaceRoot: string,
  { branches, remote = false, dryRun = false, keepDays = KEEP_DAYS }: GcOptions,
  { print }: StageIo,
  now: () => number = Date.now,
): Promise<Removal[]> {
  const before = now() - keepDays * DAY_MS;
  const live = await readLive(workspaceRoot, branches);
  if (live.git.shallow) requireDeepEnough(remote, print);
  print(
    `Keeping what ${formatCount(live.git.locks.length)} locks of ${formatCount(live.git.refs.length)} branches and tags, the working tree and the registry name, and what is younger than ${keepDays} ${keepDays === 1 ? 'day' : 'days'}.`,
  );
  const removals = await collectLocal(workspaceRoot, live, before, dryRun);
  if (remote) {
    removals.push(
      ...(await collectRemote(await openRequiredRemote(workspaceRoot), live, before, dryRun, now)),
    );
  }
  for (const line of summary(removals)) print(line);
  print(dryRun ? 'Nothing was removed (--dry-run).' : 'Removed.');
  return removals;
}

function requireDeepEnough(remote: boolean, print: StageIo['print']): void {
  const why = 'This clone is shallow, so it may lack branches whose data is still needed.';
  if (!remote) {
    print(`warning: ${why} What is missed can be fetched from the remote or prepared again.`);
    return;
  }
  throw new MlopsError(
    'MLOPS_GC_SHALLOW',
    `${why} Nothing was removed. Run git fetch --unshallow and fetch all branches, or run gc --remote in a full clone.`,
  );
}

function summary(removals: readonly Removal[]): string[] {
  return textTable({
    header: ['what', 'files', 'bytes'],
    alignment: ['left', 'right', 'right'],
    rows: removals.map(({ what, files, bytes }) => [what, formatCount(files), formatBytes(bytes)]),
  });
}
