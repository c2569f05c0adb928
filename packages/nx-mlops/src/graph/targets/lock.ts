import type { TargetConfiguration } from '@nx/devkit';
import { datasetConfigWithout, noNpmPackages } from './inputs';
import { baseTarget, type DatasetContext } from './target-context';

/** Pins the data. It reads what Nx cannot see, so it is never cached, and nothing runs it but a person. */
export function lockTarget(context: DatasetContext): TargetConfiguration {
  return {
    ...baseTarget('lock', context, 'Pins the source files by their digests in dataset.lock.json'),
    cache: false,
    inputs: [datasetConfigWithout('prepare', 'splits', 'splitBy', 'schema', 'validation'), noNpmPackages],
  };
}
