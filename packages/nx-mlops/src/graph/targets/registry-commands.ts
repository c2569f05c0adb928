import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { noNpmPackages } from './inputs';
import { baseTarget, environmentConfigurations, type Input, type ModelContext } from './target-context';

/** They work on the registry alone, so no change to a file of the project is a reason to run them. */
const inputs: Input[] = [`{workspaceRoot}/${layout.mlopsConfig}`, noNpmPackages];

export function promoteTarget(context: ModelContext): TargetConfiguration {
  return registryCommand('promote', context, 'Moves the version that one environment serves to the next');
}

export function rollbackTarget(context: ModelContext): TargetConfiguration {
  return registryCommand('rollback', context, 'Returns an environment to its last good version');
}

export function historyTarget(context: ModelContext): TargetConfiguration {
  return registryCommand('history', context, 'Lists what each environment served, by whom and why');
}

function registryCommand(
  kind: 'promote' | 'rollback' | 'history',
  context: ModelContext,
  description: string,
): TargetConfiguration {
  return {
    ...baseTarget(kind, context, description),
    cache: false,
    inputs,
    configurations: environmentConfigurations(context),
  };
}
