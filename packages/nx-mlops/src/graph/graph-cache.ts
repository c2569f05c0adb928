import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigSummary } from './config-summary';
import { digestOf } from './digest';

/** What was made of one config file. */
export interface CachedConfig {
  /** Of the file's text. */
  readonly digest: string;
  readonly summary: ConfigSummary;
  /** Of all that the project was built from. */
  readonly projectKey?: string;
  /** The project as JSON text: to parse it anew for each graph is three times as fast as to copy it. */
  readonly project?: string;
}

/** What was made of mlops.json. */
export interface CachedEnvironments {
  readonly digest: string;
  readonly environments: readonly string[];
}

/** Outcome of the last graph, so that the next one parses and builds only what changed. */
export interface GraphCache {
  /** Another version of the plugin may build other targets, so it never reads the files of this one. */
  readonly pluginVersion: string;
  readonly environments?: CachedEnvironments;
  /** By config file, relative to the workspace. */
  readonly configs: Readonly<Record<string, CachedConfig>>;
}

/** In the daemon the process lives on, so the file is read once. By path of the cache file. */
const memory = new Map<string, GraphCache>();

/** Where the cache of a workspace lies: beside Nx's own, so that `nx reset` removes it. */
export function graphCacheFile(
  workspaceRoot: string,
  options: unknown,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const folder =
    environment['NX_WORKSPACE_DATA_DIRECTORY'] ??
    environment['NX_PROJECT_GRAPH_CACHE_DIRECTORY'] ??
    join('.nx', 'workspace-data');
  const optionsDigest = digestOf(JSON.stringify(options ?? {})).slice(0, 8);
  return join(resolve(workspaceRoot, folder), `nx-mlops-${optionsDigest}.json`);
}

/** The last graph's outcome; an empty one when there is none, it is broken, or another version wrote it. */
export function readGraphCache(file: string, pluginVersion: string): GraphCache {
  const remembered = memory.get(file);
  if (remembered?.pluginVersion === pluginVersion) return remembered;
  try {
    const cache = JSON.parse(readFileSync(file, 'utf8')) as GraphCache;
    if (cache.pluginVersion === pluginVersion && typeof cache.configs === 'object') {
      memory.set(file, cache);
      return cache;
    }
  } catch {
    // No cache, or one that a full disk left behind: the graph is built anew.
  }
  return { pluginVersion, configs: {} };
}

/** Keeps the outcome for the next graph. A disk that takes no file costs time at the next start and nothing else. */
export async function saveGraphCache(file: string, cache: GraphCache): Promise<void> {
  memory.set(file, cache);
  const { writeAtomically } = await import('@nx-mlops/core');
  await writeAtomically(file, JSON.stringify(cache)).catch(() => {});
}

/** Forgets what this process holds, as a new process would not have it. For tests and measurements. */
export function forgetGraphCaches(): void {
  memory.clear();
}
