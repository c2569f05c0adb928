import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { noNpmPackages } from './inputs';
import { baseTarget, environmentConfigurations, type ModelContext } from './target-context';

/** What the server prints when every model is loaded. */
const readyLine = 'nx-mlops-server ready';

export function serveTarget(context: ModelContext): TargetConfiguration {
  return {
    ...baseTarget(
      'serve',
      context,
      'Serves what an environment deployed over HTTP (Open Inference Protocol v2)',
    ),
    cache: false,
    continuous: true,
    readyWhen: { logMatches: readyLine },
    inputs: [`{workspaceRoot}/${layout.mlopsConfig}`, noNpmPackages],
    configurations: environmentConfigurations(context),
  };
}
