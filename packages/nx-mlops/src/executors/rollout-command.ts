import type { ExecutorContext } from '@nx/devkit';
import { MlopsError, suggestion } from '@nx-mlops/core';
import { currentActor } from '../rollout/actor';
import { readMlopsConfig } from '../rollout/read-mlops-config';
import { openWorkspaceRegistry } from '../rollout/open-workspace-registry';
import { openTools } from '../rollout/open-tools';
import type { RolloutRequest, TrafficRequest } from '../rollout/rollout-request';
import { nxCommandLine } from './nx-command-line';
import { projectOf } from './project';
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
  const registry = openWorkspaceRegistry(mlops, context.root);
  return { project, mlops, registry, actor: currentActor(process.env), print };
}

/** The same for a command that moves traffic. */
export async function trafficRequest(
  context: ExecutorContext,
  stage: StageEnvironment,
): Promise<TrafficRequest> {
  const request = await rolloutRequest(context, stage);
  return { ...request, tools: openTools({ ...request, workspaceRoot: context.root }) };
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
