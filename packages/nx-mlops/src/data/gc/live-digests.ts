import {
  canonicalJson,
  datasetLockSchema,
  layout,
  openRegistry,
  sha256OfBytes,
  mlopsConfigSchema,
  parseConfig,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { lockText } from '../lock/lock-text';
import { readGitLocks, type GitLocks } from './git-locks';

/** What must be kept. */
export interface Live {
  /** Digests that a lock, a manifest or a registered version names. */
  readonly digests: Set<string>;
  /** Of the locks themselves, as `push` names them. */
  readonly locks: Set<string>;
  readonly git: GitLocks;
}

/**
 * What is reachable: from the locks at the tips of the branches, from locks and manifests of the working tree, and from
 * the versions in the registry. Anything in them that looks like a digest counts, so that no form of them, older, newer
 * or half merged, makes data look like garbage.
 *
 * @throws MlopsError as `readGitLocks`; what the registry throws
 */
export async function readLive(
  workspaceRoot: string,
  branches: readonly string[] | undefined,
): Promise<Live> {
  const git = await readGitLocks(workspaceRoot, branches);
  const live: Live = { digests: new Set(), locks: new Set(), git };
  const locksHere = await filesOf(workspaceRoot, [`**/${layout.datasetLock}`]);
  for (const text of [...git.locks, ...locksHere]) {
    addDigests(live.digests, text);
    for (const name of lockNames(text)) live.locks.add(name);
  }
  for (const text of await filesOf(workspaceRoot, [
    `**/${layout.prepared}/*.json`,
    `**/${layout.model}/*.json`,
  ])) {
    addDigests(live.digests, text);
  }
  for (const text of await registeredVersions(workspaceRoot)) addDigests(live.digests, text);
  return live;
}

export function addDigests(digests: Set<string>, text: string): void {
  for (const [digest] of text.matchAll(/\b[0-9a-f]{64}\b/g)) digests.add(digest);
}

/** `push` names a lock by the text that `lock` writes; a formatter may have changed the committed one. */
function lockNames(text: string): string[] {
  const names: string[] = [sha256OfBytes(text)];
  try {
    names.push(sha256OfBytes(lockText(datasetLockSchema.parse(JSON.parse(text)))));
  } catch {
    // Half merged: its digests count all the same.
  }
  return names;
}

async function filesOf(workspaceRoot: string, patterns: string[]): Promise<string[]> {
  const files = await glob(patterns, {
    cwd: workspaceRoot,
    dot: true,
    ignore: ['**/node_modules/**', '**/.git/**', '**/.nx/**'],
    expandDirectories: false,
  });
  return Promise.all(files.map((file) => readFile(join(workspaceRoot, file), 'utf8')));
}

async function registeredVersions(workspaceRoot: string): Promise<string[]> {
  const text = await readFile(join(workspaceRoot, layout.mlopsConfig), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { registry: address } = parseConfig(text, mlopsConfigSchema, layout.mlopsConfig);
  const registry = openRegistry(address, workspaceRoot);
  const records: string[] = [];
  for (const model of await registry.listModels()) {
    const { versions } = await registry.state(model);
    for (const version of versions.keys()) {
      records.push(canonicalJson(await registry.readVersion(model, version)));
    }
  }
  return records;
}
