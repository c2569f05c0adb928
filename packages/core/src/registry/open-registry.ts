import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegistryConfig } from '../config/mlops-config';
import { messageOf, MlopsError } from '../errors/mlops-error';
import { FileRegistryDriver } from './file-registry-driver';
import { Registry, type RegistryOptions } from './registry';

/**
 * The registry that `mlops.json` names. Nothing is read or made yet.
 *
 * @param config its url, or that with options: `file:<folder>`, relative to the workspace or absolute; `file:///<folder>` is read as a URL
 * @throws MlopsError MLOPS_REGISTRY_URL for anything else
 */
export function openRegistry(
  config: string | RegistryConfig,
  workspaceRoot: string,
  options: RegistryOptions = {},
): Registry {
  const url = typeof config === 'string' ? config : config.url;
  return new Registry(new FileRegistryDriver(folderOfUrl(url, workspaceRoot)), options);
}

function folderOfUrl(url: string, workspaceRoot: string): string {
  const folder = /^file:(.*)$/s.exec(url)?.[1]?.trim();
  if (folder === undefined) throw badUrl(url, 'only registries in a folder are known');
  if (folder === '') throw badUrl(url, 'it names no folder');
  if (folder.startsWith('//')) {
    try {
      return fileURLToPath(url);
    } catch (error) {
      throw badUrl(url, messageOf(error));
    }
  }
  // A path that was typed on Windows is read on every system.
  return isAbsolute(folder) ? resolve(folder) : resolve(workspaceRoot, folder.replaceAll('\\', '/'));
}

function badUrl(url: string, why: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_URL',
    `"${url}" names no registry: ${why}. Write file:<folder>, such as "file:.mlops/registry".`,
    { path: 'registry' },
  );
}
