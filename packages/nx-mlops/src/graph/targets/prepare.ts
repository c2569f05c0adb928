import type { TargetConfiguration } from '@nx/devkit';
import { layout } from '@nx-mlops/core';
import { join } from 'node:path/posix';
import { referencesOf } from '../config-summary';
import { contract, datasetConfigWithout, noNpmPackages, output, splitManifest } from './inputs';
import { scriptFiles } from './script-files';
import { baseTarget, type DatasetContext, type Input } from './target-context';
import { validatedDatasets } from './validated-datasets';

const CONTRACT = 1;

export function prepareTarget(context: DatasetContext): TargetConfiguration {
  const upstream = referencesOf(context.summary).map(({ reference }) => reference);
  const { script } = context.summary;
  return {
    ...baseTarget('prepare', context, 'Makes the splits from the sources and puts them into the store'),
    cache: true,
    ...(upstream.length === 0 ? {} : { dependsOn: [validatedDatasets(upstream, context.options)] }),
    inputs: [
      datasetConfigWithout(
        'schema',
        'validation',
        ...(script === undefined ? [] : ['prepare.timeoutMinutes']),
      ),
      `{projectRoot}/${layout.datasetLock}`,
      ...(script === undefined ? [...sqlFile(context), noNpmPackages] : scriptFiles(context, script)),
      ...upstream.map(splitManifest),
      contract('prepare', CONTRACT),
    ],
    outputs: [output(layout.prepared)],
  };
}

/** The file may lie beside the project, so it is named from the workspace. */
function sqlFile({ root, summary }: DatasetContext): Input[] {
  return summary.sql === undefined ? [] : [`{workspaceRoot}/${join(root, summary.sql)}`];
}
