import {
  layout,
  mlopsConfigSchema,
  openObjectStore,
  parseConfig,
  remoteOf,
  sha256OfBytes,
  MlopsError,
  type RemoteConfig,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PackCatalogue } from './pack-catalogue';
import type { RemoteStore } from './remote-store';

/** Of the workspace: what is known of the packs of each remote. */
const CATALOGUES = '.mlops/remote';

/**
 * The remote store that `mlops.json` names, or undefined where it names none. Nothing is asked of it yet.
 *
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID, MLOPS_REMOTE_URL
 */
export async function openRemote(workspaceRoot: string): Promise<RemoteStore | undefined> {
  const config = await readRemoteConfig(workspaceRoot);
  return config === undefined ? undefined : openRemoteAt(config, workspaceRoot);
}

/** @throws MlopsError MLOPS_REMOTE_MISSING where `mlops.json` names no remote; as `openRemote` */
export async function openRequiredRemote(workspaceRoot: string): Promise<RemoteStore> {
  const remote = await openRemote(workspaceRoot);
  if (remote !== undefined) return remote;
  throw new MlopsError(
    'MLOPS_REMOTE_MISSING',
    'names no remote to share data by. Add one, such as "remote": "s3://bucket/prefix" or "remote": "file:/mnt/share/data".',
    { file: layout.mlopsConfig, path: 'remote' },
  );
}

/** What `mlops.json` says of the remote. */
export async function readRemoteConfig(workspaceRoot: string): Promise<RemoteConfig | undefined> {
  let text: string;
  try {
    text = await readFile(join(workspaceRoot, layout.mlopsConfig), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return remoteOf(parseConfig(text, mlopsConfigSchema, layout.mlopsConfig));
}

function openRemoteAt(
  { url, endpoint, region, forcePathStyle }: RemoteConfig,
  workspaceRoot: string,
): RemoteStore {
  const objects = openObjectStore(url, { workspaceRoot, endpoint, region, forcePathStyle });
  const id = sha256OfBytes(`${endpoint ?? ''} ${objects.description}`).slice(0, 16);
  return { objects, catalogue: new PackCatalogue(objects, join(workspaceRoot, CATALOGUES, id, 'packs')) };
}
