import { layout } from '@nx-mlops/core/light';
import { nameOfFile, type DatasetProject } from '../dataset-project';
import type * as LockDataset from './lock-dataset';
import { nothingNew, summaryOf, type LockResult } from './lock-result';
import { amountSeen, lookAtSources } from './look-at-sources';
import { recallSources } from './unchanged-sources';

/**
 * `lockDataset` for a config as it lies on the disk. Most often nothing changed, and that is told before the config is
 * taken apart: schemas, and all that hashes, fetches and compares, are loaded only when something did. So this module
 * imports none of them; see docs/decisions/0010-no-op-lock.md.
 *
 * @param configText of `dataset.config.json`
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID; as `lockDataset`
 */
export async function lockProject(
  project: DatasetProject,
  configText: string,
  options: LockDataset.LockOptions,
): Promise<LockResult> {
  const startedAt = performance.now();
  const recalled = await recallSources(project, configText);
  const seen = recalled && (await lookAtSources(project, recalled.sources, options));
  if (seen !== undefined && recalled?.areSeenAgain(seen)) {
    const result = { ...nothingNew, total: amountSeen(seen) };
    const file = nameOfFile(project, layout.datasetLock);
    const seconds = (performance.now() - startedAt) / 1000;
    for (const line of summaryOf(result, file, seconds)) options.print(line);
    return result;
  }
  const { datasetConfigSchema, parseConfig } = await import('@nx-mlops/core');
  const config = parseConfig(configText, datasetConfigSchema, nameOfFile(project, layout.datasetConfig));
  return loadLockDataset()(project, config, { ...options, configText, seen });
}

function loadLockDataset(): typeof LockDataset.lockDataset {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only now, for it costs more than a lock that fits
  return (require('./lock-dataset') as typeof LockDataset).lockDataset;
}
