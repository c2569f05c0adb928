import type { ExecutorContext } from '@nx/devkit';
import { gateModel } from '../../evaluation/gate-stage';
import { projectOf, readModelConfig } from '../project';
import { runStage } from '../run-stage';
import type { GateExecutorOptions } from './schema';

/** Judges the evaluation; a gate that fails, fails the task. */
export default async function gateExecutor(
  _options: GateExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async ({ print }) => {
    const project = projectOf(context);
    const { passed } = await gateModel({ project, config: await readModelConfig(project), print });
    return passed;
  });
}
