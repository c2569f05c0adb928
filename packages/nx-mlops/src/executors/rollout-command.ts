import type { ExecutorContext } from '@nx/devkit';
import { openRegistry } from '@nx-mlops/core';
import { currentActor } from '../rollout/actor';
import type { RolloutRequest } from '../rollout/rollout-request';
import { projectOf, readMlopsConfig } from './project';
import type { StageEnvironment } from './run-stage';

/** What every command on the registry starts from. */
export async function rolloutRequest(
  context: ExecutorContext,
  { print }: StageEnvironment,
): Promise<Pick<RolloutRequest, 'project' | 'mlops' | 'registry' | 'actor' | 'print'>> {
  const project = projectOf(context);
  const mlops = await readMlopsConfig(context.root);
  const registry = openRegistry(mlops.registry, context.root);
  return { project, mlops, registry, actor: currentActor(process.env), print };
}

/** The option, else the configuration that the target was run with: `nx run flight-delay:deploy:production`. */
export function environmentOf(option: string | undefined, context: ExecutorContext): string | undefined {
  return option ?? context.configurationName;
}
