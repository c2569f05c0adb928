import type { ExecutorContext } from '@nx/devkit';
import { layout } from '@nx-mlops/core/light';
import { lockProject } from '../../data/lock/lock-project';
import { runStage } from '../run-stage';
import { projectOf, readConfigText } from '../task-project';
import type * as Inspect from './inspect';
import type { LockExecutorOptions } from './schema';

/** Pins the bytes of a dataset's sources in `dataset.lock.json`, or says whether they are as it says. */
export default async function lockExecutor(
  { check = false }: LockExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    if (check) await loadInspect()(project, environment);
    else await lockProject(project, await readConfigText(project, layout.datasetConfig), environment);
  });
}

function loadInspect(): typeof Inspect.inspect {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it would take longer to load than `lock` takes
  return (require('./inspect') as typeof Inspect).inspect;
}
