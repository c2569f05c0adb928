import { openObjectStore, remoteOf } from '@nx-mlops/core';
import { remoteLayout } from '../../data/remote/remote-layout';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { unreadConfig } from '../unread-config';
import { nearestExisting, whyNotWritable } from '../writable-folder';
import type { Check } from '../surroundings';

const NAME = 'remote of data';

/** Whether the store that machines share data by answers. */
export const remoteCheck: Check = {
  name: NAME,
  async run({ mlops, workspaceRoot }, signal) {
    if (mlops === undefined) return [unreadConfig(NAME)];
    const remote = remoteOf(mlops);
    if (remote === undefined)
      return [skipped(NAME, 'mlops.json names none: each machine prepares its own data')];
    const { url, endpoint, region, forcePathStyle } = remote;
    const objects = openObjectStore(url, { workspaceRoot, endpoint, region, forcePathStyle });
    // Of a folder that is not there, head says nothing.
    const folder = /^file:(.+)$/s.exec(objects.description)?.[1];
    const finding = folder === undefined ? undefined : await judgeFolder(folder);
    if (finding !== undefined) return [finding];
    await objects.head(remoteLayout.gcMarker, signal);
    return [ok(NAME, `${objects.description} answers`)];
  },
};

/** Undefined for one that is there and may be written to. */
async function judgeFolder(folder: string): Promise<Finding | undefined> {
  const whyNot = await whyNotWritable(folder);
  if (whyNot !== undefined) return problem(NAME, whyNot, 'Mount the folder, or let this user write there.');
  if ((await nearestExisting(folder)) === folder) return undefined;
  return warning(
    NAME,
    `${folder} is not there`,
    'The first push makes it. If data was pushed already, mount the drive that it lies on.',
  );
}
