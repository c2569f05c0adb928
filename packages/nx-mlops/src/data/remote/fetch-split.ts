import { type SplitManifest } from '@nx-mlops/core';
import { formatBytes } from '../../reporting/format';
import type { StageIo } from '../dataset-project';
import type { Store } from '../store';
import { downloadFiles } from './download-files';
import { openRemote } from './open-remote';
import { isRemoteFailure } from './remote-error';
import { TransferProgress } from './transfer-progress';

/**
 * Brings the bytes of one split into the store from the remote, where there is one that holds them. A remote that fails
 * is said and otherwise as good as none: the split can be prepared again.
 *
 * @returns whether they are in the store now
 */
export async function fetchSplit(
  workspaceRoot: string,
  manifest: SplitManifest,
  store: Store,
  { print, signal }: StageIo,
): Promise<boolean> {
  const remote = await openRemote(workspaceRoot);
  if (remote === undefined) return false;
  const name = `${manifest.dataset}:${manifest.split}`;
  try {
    const got = await downloadFiles(remote, [manifest.file], store, {
      begin: (bytes) => new TransferProgress(`Fetching ${name}`, bytes, print),
      signal,
    });
    if (got.missing.length > 0) return false;
    print(`Fetched ${name} from ${remote.objects.description}: ${formatBytes(got.bytes)}.`);
    return true;
  } catch (error) {
    if (!isRemoteFailure(error)) throw error;
    print(`warning: ${name} could not be fetched. ${error.code} ${error.message}`);
    return false;
  }
}
