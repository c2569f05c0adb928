import type { FileSourceConfig } from '@nx-mlops/core';
import { layout } from '@nx-mlops/core/light';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import { assertAddress, isAddress } from './source-address';
import { patternsOf } from './source-files';

/**
 * The addresses among the paths of a source.
 *
 * @throws MlopsError MLOPS_SOURCE_ADDRESS
 */
export function addressesOf(
  project: DatasetProject,
  name: string,
  source: Pick<FileSourceConfig, 'path'>,
): string[] {
  const addresses = patternsOf(source).filter(isAddress);
  const location = { file: nameOfFile(project, layout.datasetConfig), path: `sources.${name}.path` };
  for (const address of addresses) assertAddress(address, location);
  return addresses;
}
