import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { join } from 'node:path/posix';
import { contract, datasetConfigWithout, noNpmPackages, output } from './inputs';
import { baseTarget, type DatasetContext, type Input } from './target-context';

const CONTRACT = 1;

export function prepareTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('prepare', context, 'Makes the splits from the sources and puts them into the store'),
    cache: true,
    inputs: [
      datasetConfigWithout('schema', 'validation'),
      `{projectRoot}/${layout.datasetLock}`,
      ...sqlFile(context),
      noNpmPackages,
      contract('prepare', CONTRACT),
    ],
    outputs: [output(layout.prepared)],
  };
}

/** The file may lie beside the project, so it is named from the workspace. */
function sqlFile({ root, summary }: DatasetContext): Input[] {
  return summary.sql === undefined ? [] : [`{workspaceRoot}/${join(root, summary.sql)}`];
}
