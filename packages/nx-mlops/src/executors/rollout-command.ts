import type { ExecutorContext } from '@nx/devkit';
import { MlopsError, openRegistry, suggestion } from '@nx-mlops/core';
import { currentActor } from '../rollout/actor';
import type { RolloutRequest } from '../rollout/rollout-request';
import { nxCommandLine } from './nx-command-line';
import { projectOf, readMlopsConfig } from './project';
import { requestedRun } from './requested-run';
import type { StageEnvironment } from './run-stage';
import { knownConfigurations, unknownEnvironment } from './unknown-environment';

/** What every command on the registry starts from. */
export async function rolloutRequest(
  context: ExecutorContext,
  { print }: StageEnvironment,
): Promise<Pick<RolloutRequest, 'project' | 'mlops' | 'registry' | 'actor' | 'print'>> {
  const project = projectOf(context);
  const mlops = await readMlopsConfig(context.root);
  const registry = openRegistry(mlops.registry, context.root, {
    environments: mlops.environments.map(({ name }) => name),
  });
  return { project, mlops, registry, actor: currentActor(process.env), print };
}

/**
 * The option, else the configuration that the target was run with: `nx run flight-delay:deploy:production`.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT for `deploy:prodution`: Nx runs the target without a configuration then,
 *   and a command would take its default for the environment that was meant
 */
export function environmentOf(option: string | undefined, context: ExecutorContext): string | undefined {
  const environment = option ?? context.configurationName;
  if (environment === undefined) refuseDroppedConfiguration(context);
  return environment;
}

function refuseDroppedConfiguration({ projectsConfigurations }: ExecutorContext): void {
  const commandLine = nxCommandLine();
  if (commandLine === undefined) return;
  const known = knownConfigurations(projectsConfigurations.projects);
  const unknown = unknownEnvironment(requestedRun(commandLine), known);
  if (unknown === undefined) return;
  const { task, configuration, environments } = unknown;
  throw new MlopsError(
    'MLOPS_UNKNOWN_ENVIRONMENT',
    `"${configuration}" is no environment of ${task}.${suggestion(configuration, environments)} The environments stand in mlops.json.`,
  );
}
