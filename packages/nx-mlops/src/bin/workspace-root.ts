import { layout, MlopsError } from '@nx-mlops/core';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @throws MlopsError MLOPS_CONFIG_MISSING outside a workspace */
export function workspaceRootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, layout.mlopsConfig))) return at;
    if (dirname(at) === at) {
      throw new MlopsError(
        'MLOPS_CONFIG_MISSING',
        'is neither in this folder nor above it. Run nx-mlops in the workspace.',
        { file: layout.mlopsConfig },
      );
    }
  }
}

/**
 * The workspace of a command that works without mlops.json, or says that it is missing: the folder of that, else of nx.json.
 *
 * @throws MlopsError MLOPS_CONFIG_MISSING outside a workspace
 */
export function nxWorkspaceRootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if ([layout.mlopsConfig, 'nx.json'].some((file) => existsSync(join(at, file)))) return at;
    if (dirname(at) === at) return workspaceRootOf(folder);
  }
}
