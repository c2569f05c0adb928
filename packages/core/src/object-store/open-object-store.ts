import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MlopsError } from '../errors/mlops-error';
import { FileObjectStore } from './file-object-store';
import type { ObjectStore } from './object-store';
import type { S3Location } from './s3-location';
import { S3ObjectStore } from './s3-object-store';

export interface OpenObjectStoreOptions extends Pick<
  S3Location,
  'endpoint' | 'region' | 'forcePathStyle' | 'configKey'
> {
  /** Absolute; what a relative folder is relative to. */
  readonly workspaceRoot: string;
  /** Where endpoint and region are looked for. @default that of the process */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The store at an address. Nothing is read, made or loaded yet.
 *
 * @param url `file:<folder>`, relative to the workspace or absolute, or `s3://bucket/prefix`
 * @throws MlopsError MLOPS_REMOTE_URL for anything else
 */
export function openObjectStore(
  url: string,
  { workspaceRoot, environment, ...location }: OpenObjectStoreOptions,
): ObjectStore {
  const s3 = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url);
  if (s3 !== null) {
    const [, bucket = '', prefix = ''] = s3;
    return new S3ObjectStore({ ...location, bucket, prefix: prefix.replace(/^\/+|\/+$/g, '') }, environment);
  }
  const folder = /^file:(.+)$/s.exec(url)?.[1]?.trim();
  if (folder === undefined || folder === '') {
    throw new MlopsError(
      'MLOPS_REMOTE_URL',
      `"${url}" names no store. Write file:<folder>, such as "file:/mnt/share/data", or s3://<bucket>/<prefix>.`,
      { path: 'remote' },
    );
  }
  if (folder.startsWith('//')) return new FileObjectStore(fileURLToPath(url));
  return new FileObjectStore(
    isAbsolute(folder) ? resolve(folder) : resolve(workspaceRoot, folder.replaceAll('\\', '/')),
  );
}
