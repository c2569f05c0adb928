import { MlopsError, suggestion } from '@nx-mlops/core';
import { referencesOf, type ConfigSummary } from './config-summary';
import type { KnownDatasets } from './known-datasets';

/**
 * Checks that a model or dataset names datasets and splits that exist.
 *
 * @param file the config, named in the error
 * @throws MlopsError MLOPS_UNKNOWN_DATASET or MLOPS_UNKNOWN_SPLIT, with the nearest name
 */
export function checkReferences(summary: ConfigSummary, datasets: KnownDatasets, file: string): void {
  for (const { path, reference } of referencesOf(summary)) {
    const { dataset, split } = reference;
    const location = { file, path };
    if (!datasets.has(dataset)) {
      throw new MlopsError(
        'MLOPS_UNKNOWN_DATASET',
        `"${dataset}" is no dataset of this workspace.${suggestion(dataset, [...datasets.keys()].sort())} A dataset is a project with a dataset.config.json.`,
        location,
      );
    }
    const splits = datasets.get(dataset)?.splits;
    if (splits !== undefined && !splits.includes(split)) {
      throw new MlopsError(
        'MLOPS_UNKNOWN_SPLIT',
        `dataset "${dataset}" has no split "${split}".${suggestion(split, splits)}`,
        location,
      );
    }
  }
}
