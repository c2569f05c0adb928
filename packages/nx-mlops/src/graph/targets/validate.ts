import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { contract, datasetConfigWithout, noNpmPackages, output, writtenBefore } from './inputs';
import { baseTarget, type DatasetContext } from './target-context';

const CONTRACT = 1;

export function validateTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('validate', context, 'Checks the splits against the schema and profiles their columns'),
    cache: true,
    dependsOn: [context.options.targetNames.prepare],
    inputs: [
      datasetConfigWithout('sources', 'prepare'),
      writtenBefore(layout.datasetManifest),
      noNpmPackages,
      contract('validate', CONTRACT),
    ],
    outputs: [output(layout.validation)],
  };
}
