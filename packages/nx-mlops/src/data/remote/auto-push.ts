import type { DatasetProject, StageIo } from '../dataset-project';
import { openRequiredRemote, readRemoteConfig } from './open-remote';
import { pushDataset } from './push-dataset';
import { isRemoteFailure } from './remote-error';

/**
 * Sends the splits that were just prepared to the remote, where `mlops.json` asks for it by `autoPush`. A remote that
 * fails is said and fails nothing: the splits are made, and other machines can make them, too.
 */
export async function autoPush(project: DatasetProject, io: StageIo): Promise<void> {
  if ((await readRemoteConfig(project.workspaceRoot))?.autoPush !== true) return;
  try {
    const remote = await openRequiredRemote(project.workspaceRoot);
    await pushDataset(project, remote, io, { sources: false });
  } catch (error) {
    if (!isRemoteFailure(error)) throw error;
    io.print(`warning: the splits of ${project.name} were not pushed. ${error.code} ${error.message}`);
  }
}
