import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { datasetConfigWithout, noNpmPackages, writtenJustBefore } from './inputs';
import { baseTarget, type DatasetContext } from './target-context';

/** Writes into the config for a person to review, so it is never cached, and nothing runs it but a person. */
export function inferTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('infer', context, 'Proposes fields and expectations from the data, in dataset.config.json'),
    cache: false,
    dependsOn: [context.options.targetNames.prepare],
    inputs: [
      datasetConfigWithout('sources', 'prepare'),
      writtenJustBefore(layout.datasetManifest),
      noNpmPackages,
    ],
  };
}
