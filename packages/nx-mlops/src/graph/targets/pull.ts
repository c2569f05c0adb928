import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { noNpmPackages } from './inputs';
import { baseTarget, type DatasetContext } from './target-context';

/** What it brings is not seen by Nx, so it is never cached. */
export function pullTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('pull', context, 'Brings the locked source files into place from the remote'),
    cache: false,
    inputs: [`{projectRoot}/${layout.datasetLock}`, noNpmPackages],
  };
}
