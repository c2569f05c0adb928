import { inspectLock } from '../../data/lock/inspect-lock';
import { readDatasetConfig, type TaskProject } from '../project';
import type { StageEnvironment } from '../run-stage';

/** Says whether lock and data of a dataset agree. */
export async function inspect(project: TaskProject, environment: StageEnvironment): Promise<void> {
  await inspectLock(project, await readDatasetConfig(project), environment);
}
