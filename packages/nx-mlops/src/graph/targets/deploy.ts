import type { TargetConfiguration } from '@nx/devkit';
import { judgedInputs } from './gate';
import { baseTarget, environmentConfigurations, type ModelContext } from './target-context';

export function deployTarget(context: ModelContext): TargetConfiguration {
  return {
    ...baseTarget('deploy', context, 'Registers the model as a version and makes an environment serve it'),
    cache: false,
    dependsOn: [context.options.targetNames.gate],
    inputs: judgedInputs,
    configurations: environmentConfigurations(context),
  };
}
