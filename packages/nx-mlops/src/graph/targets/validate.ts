import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { join } from 'node:path/posix';
import { contract, datasetConfigWithout, noNpmPackages, output, writtenJustBefore } from './inputs';
import { baseTarget, type DatasetContext, type Input } from './target-context';

const CONTRACT = 2;

export function validateTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget(
      'validate',
      context,
      'Checks the splits against schema and reference split, and profiles their columns',
    ),
    cache: true,
    dependsOn: [context.options.targetNames.prepare],
    inputs: [
      datasetConfigWithout('sources', 'prepare'),
      writtenJustBefore(layout.datasetManifest),
      ...ownChecks(context),
      noNpmPackages,
      contract('validate', CONTRACT),
    ],
    outputs: [output(layout.validation)],
  };
}

/** The folder may lie beside the project, so it is named from the workspace. */
function ownChecks({ root, summary }: DatasetContext): Input[] {
  return summary.checks === undefined ? [] : [`{workspaceRoot}/${join(root, summary.checks)}/*.sql`];
}
