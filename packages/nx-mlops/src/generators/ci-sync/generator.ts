import type { Tree } from '@nx/devkit';
import { layout, mlopsConfigSchema, parseConfig } from '@nx-mlops/core';
import { writePipelines } from '../ci/generator';
import { outOfSync } from './out-of-sync';

/** What nx sync says of changes. */
interface SyncResult {
  readonly outOfSyncMessage: string;
}

/**
 * The pipeline files as mlops.json wants them. Without a `ci` there, and where all is right, nothing is written.
 *
 * @throws MlopsError MLOPS_CI_EDITED, MLOPS_CI_FILE_TAKEN; MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID
 */
export default async function ciSyncGenerator(tree: Tree): Promise<SyncResult | undefined> {
  if (!tree.exists(layout.mlopsConfig)) return undefined;
  const text = tree.read(layout.mlopsConfig, 'utf-8') ?? '';
  const mlops = parseConfig(text, mlopsConfigSchema, layout.mlopsConfig);
  if (mlops.ci === undefined) return undefined;
  const written = await writePipelines(tree, mlops, mlops.ci, false);
  if (written.length === 0) return undefined;
  const environments = mlops.environments.map(({ name }) => name);
  return { outOfSyncMessage: outOfSync(written, environments) };
}
