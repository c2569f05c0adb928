import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegistryConfig } from '../config/mlops-config';
import { messageOf, MlopsError } from '../errors/mlops-error';
import { layout } from '../layout';
import { openObjectStore } from '../object-store/open-object-store';
import type { RegistryDriver } from './driver';
import { FileRegistryDriver } from './file-registry-driver';
import { MlflowRegistryDriver } from './mlflow/mlflow-registry-driver';
import { ObjectRegistryDriver } from './object-registry-driver';
import { Registry, type RegistryOptions } from './registry';

export interface OpenRegistryOptions extends RegistryOptions {
  /** Names of the environments of `mlops.json`, in its order; what aliases of MLflow go by. */
  readonly environments?: readonly string[];
}

/**
 * The registry that `mlops.json` names. Nothing is read, loaded or made yet.
 *
 * @param config its url, or that with options: `file:<folder>`, relative to the workspace or absolute; `file:///<folder>`
 *   is read as a URL; `s3://<bucket>/<prefix>`; `mlflow:<address of a tracking server>`
 * @throws MlopsError MLOPS_REGISTRY_URL for anything else
 */
export function openRegistry(
  config: string | RegistryConfig,
  workspaceRoot: string,
  options: OpenRegistryOptions = {},
): Registry {
  const location = typeof config === 'string' ? { url: config } : config;
  return new Registry(openDriver(location, workspaceRoot, options), options);
}

function openDriver(
  { url, ...location }: RegistryConfig,
  workspaceRoot: string,
  { environments }: OpenRegistryOptions,
): RegistryDriver {
  const cacheFolder = join(workspaceRoot, layout.registryCache, 'blobs');
  if (/^s3:\/\/[^/]+/.test(url)) {
    const store = openObjectStore(url, { ...location, workspaceRoot, configKey: 'registry' });
    return new ObjectRegistryDriver(store, cacheFolder);
  }
  if (url.startsWith('mlflow:')) {
    return new MlflowRegistryDriver(serverOfUrl(url), { cacheFolder, environments });
  }
  return new FileRegistryDriver(folderOfUrl(url, workspaceRoot));
}

function serverOfUrl(url: string): string {
  const server = /^mlflow:(https?:\/\/.+)$/.exec(url)?.[1];
  if (server === undefined || !URL.canParse(server)) throw badUrl(url, 'it names no tracking server');
  const { username, password, search, hash } = new URL(server);
  if (username !== '' || password !== '') {
    throw badUrl(
      url.replace(/\/\/[^@]*@/, '//'),
      'credentials do not belong in a file; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in the environment',
    );
  }
  if (search !== '' || hash !== '') throw badUrl(url, 'an address of a server ends with its path');
  return server;
}

function folderOfUrl(url: string, workspaceRoot: string): string {
  const folder = /^file:(.*)$/s.exec(url)?.[1]?.trim();
  if (folder === undefined)
    throw badUrl(url, 'only registries in a folder, in S3 or on an MLflow server are known');
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
    `"${url}" names no registry: ${why}. Write file:<folder>, such as "file:.mlops/registry", s3://<bucket>/<prefix>, or mlflow:<address of a tracking server>.`,
    { path: 'registry' },
  );
}
