import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError, layout, mlopsConfigSchema, parseConfig, type MlopsConfig } from '@nx-mlops/core';

/**
 * `mlops.json` of the workspace.
 *
 * @throws MlopsError MLOPS_CONFIG_MISSING; as `parseConfig`
 */
export async function readMlopsConfig(workspaceRoot: string): Promise<MlopsConfig> {
  const text = await readFile(join(workspaceRoot, layout.mlopsConfig), 'utf8').catch((error: unknown) => {
    throw new MlopsError(
      'MLOPS_CONFIG_MISSING',
      'is not there. Run nx g nx-mlops:init, which writes it.',
      { file: layout.mlopsConfig },
      { cause: error },
    );
  });
  return parseConfig(text, mlopsConfigSchema, layout.mlopsConfig);
}
