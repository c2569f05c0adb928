import type { ExecutorContext } from '@nx/devkit';
import { appendFile, stat } from 'node:fs/promises';
import { gateModel } from '../../evaluation/gate/gate-model';
import { announceGate } from '../../reporting/ci/announce-gate';
import { defaultBase } from '../default-base';
import type * as ModelSplit from '../model-split';
import { openWorkspaceRegistry } from '../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../rollout/read-mlops-config';
import { projectOf, readModelConfig } from '../project';
import { runStage } from '../run-stage';
import { readTrainProfile } from '../train-profile';
import type { GateExecutorOptions } from './schema';

/** Judges the evaluation; a gate that fails, fails the task. */
export default async function gateExecutor(
  { base }: GateExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, async (environment) => {
    const project = projectOf(context);
    const config = await readModelConfig(project);
    const report = await gateModel({
      project,
      config,
      ...(base === undefined ? {} : { base }),
      defaultBase: defaultBase(context.nxJsonConfiguration),
      env: process.env,
      async openRegistry() {
        const mlops = await readMlopsConfig(context.root);
        return { mlops, registry: openWorkspaceRegistry(mlops, context.root) };
      },
      openTest: () => modelSplit().openSplit(context, config.datasets.test, environment),
      readProfile: () => readTrainProfile(context, config),
      ...environment,
    });
    await announceGate(report, {
      env: process.env,
      print: environment.print,
      appendFile,
      fileSize: async (file) => (await stat(file)).size,
    });
    return report.passed;
  });
}

/** What prepares data is slow to load, and needed only where a champion must be scored anew. */
function modelSplit(): typeof ModelSplit {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import at the top would load it always
  return require('../model-split') as typeof ModelSplit;
}
