import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { registryCommandKinds, type RegistryCommandKind } from '../plugin-options';
import { noNpmPackages } from './inputs';
import { baseTarget, environmentConfigurations, type Input, type ModelContext } from './target-context';

/** They work on the registry alone, so no change to a file of the project is a reason to run them. */
const inputs: Input[] = [`{workspaceRoot}/${layout.mlopsConfig}`, noNpmPackages];

const descriptions: Readonly<Record<RegistryCommandKind, string>> = {
  promote: 'Brings the version that one environment serves into the next',
  approve: 'Approves the step of a rollout under way',
  advance: 'Takes one decision on the rollout under way',
  watch: 'Takes the rollout under way further until it is done',
  abort: 'Ends the rollout under way; what served before it goes on',
  rollback: 'Returns an environment to its last good version',
  status: 'Shows what each environment serves and how far a rollout is',
  diff: 'Shows what would change if an environment served the next version',
  history: 'Lists what each environment served, by whom and why',
};

/** The targets that work on the registry alone. */
export function registryCommandTargets(
  context: ModelContext,
): Readonly<Record<RegistryCommandKind, TargetConfiguration>> {
  const targets = registryCommandKinds.map((kind) => [kind, registryCommand(kind, context)]);
  return Object.fromEntries(targets) as Record<RegistryCommandKind, TargetConfiguration>;
}

function registryCommand(kind: RegistryCommandKind, context: ModelContext): TargetConfiguration {
  return {
    ...baseTarget(kind, context, descriptions[kind]),
    cache: false,
    inputs,
    configurations: environmentConfigurations(context),
  };
}
