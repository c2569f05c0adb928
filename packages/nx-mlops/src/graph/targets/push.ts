import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { noNpmPackages } from './inputs';
import { baseTarget, type DatasetContext } from './target-context';

/** Sends bytes that Nx cannot see to where it cannot look, so it is never cached. */
export function pushTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('push', context, 'Sends the locked source files and the prepared splits to the remote'),
    cache: false,
    inputs: [`{projectRoot}/${layout.datasetLock}`, noNpmPackages],
  };
}
