import type { CreateNodesContext } from '@nx/devkit';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InferredProject } from './build-project';
import { brokenProject } from './broken-project';
import { kindOfConfigFile, projectRootOf, type ProjectKind } from './config-files';
import type { ConfigSummary } from './config-summary';
import { digestOf } from './digest';
import {
  graphCacheFile,
  readGraphCache,
  saveGraphCache,
  type CachedConfig,
  type CachedEnvironments,
  type GraphCache,
} from './graph-cache';
import type * as Inference from './inference';
import { referencesExist, type KnownDatasets } from './known-datasets';
import { resolveOptions, type PluginOptions, type ResolvedOptions } from './plugin-options';
import { readPluginVersion } from './plugin-version';
import { nameByFolder, nameByProjectFiles } from './project-name';
import { readWorkspaceFacts } from './read-workspace-facts';

/** One config file as the graph sees it. */
export interface InferredConfig {
  /** Relative to the workspace. */
  readonly file: string;
  readonly project: InferredProject;
  /** Undefined when the file cannot be parsed. */
  readonly summary?: ConfigSummary;
}

export interface InferredProjects {
  readonly options: ResolvedOptions;
  /** Sorted by file. */
  readonly configs: readonly InferredConfig[];
  /** What is wrong with configs, one paragraph each. Their projects are there all the same. */
  readonly problems: readonly string[];
}

/** A config file that was read; `summary` or `problem` is there. */
interface ReadConfig {
  readonly file: string;
  readonly root: string;
  readonly kind: ProjectKind;
  readonly digest: string;
  readonly summary?: ConfigSummary;
  readonly problem?: string;
}

/**
 * Makes a project of each config file. What did not change since the last graph comes from the cache.
 *
 * @param files config files, relative to the workspace with forward slashes, in any order
 * @throws Error only for wrong options of the plugin; a broken config makes a project that cannot run
 */
export async function inferProjects(
  files: readonly string[],
  options: PluginOptions | undefined,
  { workspaceRoot, nxJsonConfiguration }: Pick<CreateNodesContext, 'workspaceRoot' | 'nxJsonConfiguration'>,
): Promise<InferredProjects> {
  const resolved = resolveOptions(options);
  const cacheFile = graphCacheFile(workspaceRoot, options);
  const cache = readGraphCache(cacheFile, readPluginVersion());

  const reads = [...files].sort().map((file) => readConfig(workspaceRoot, file, cache.configs[file]));
  const mlops = findEnvironments(workspaceRoot, resolved, cache.environments);
  const facts = readWorkspaceFacts(workspaceRoot, nxJsonConfiguration, mlops.environments);
  const names = projectNames(workspaceRoot, reads);
  const datasets = knownDatasets(reads, names);
  const keyOfWorkspace = digestOf(JSON.stringify([resolved, facts]));

  const problems: string[] = mlops.problem === undefined ? [] : [mlops.problem];
  const entries: Record<string, CachedConfig> = {};
  const configs = reads.map((read): InferredConfig => {
    const { file, root, digest, summary } = read;
    const name = names.get(root) ?? root;
    const problem = problemOf(read, name, datasets);
    if (summary === undefined || problem !== undefined) {
      const text = problem ?? `${file} cannot be used.`;
      problems.push(text);
      if (summary !== undefined) entries[file] = { digest, summary };
      const broken = brokenProject({ ...read, name }, text, resolved, mlops.environments);
      return { file, summary, project: broken };
    }
    const projectKey = digestOf(keyOfWorkspace, file, name, digest);
    const cached = cache.configs[file];
    const project =
      cached?.projectKey === projectKey && cached.project !== undefined
        ? cached.project
        : inference().buildProject({ project: name, root, summary, options: resolved, facts });
    entries[file] = { digest, summary, projectKey, project };
    return { file, summary, project };
  });

  const next: GraphCache = {
    pluginVersion: cache.pluginVersion,
    environments: mlops.cached,
    configs: entries,
  };
  if (!isSame(cache, next)) await saveGraphCache(cacheFile, next);
  return { options: resolved, configs, problems };
}

function inference(): typeof Inference {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only when something changed, see there
  return require('./inference') as typeof Inference;
}

function readConfig(workspaceRoot: string, file: string, cached: CachedConfig | undefined): ReadConfig {
  const place = { file, root: projectRootOf(file), kind: kindOfConfigFile(file) };
  let text: string;
  try {
    text = readFileSync(join(workspaceRoot, file), 'utf8');
  } catch (error) {
    return { ...place, digest: '', problem: `${file}: cannot be read. ${messageOf(error)}` };
  }
  const digest = digestOf(text);
  if (cached?.digest === digest) return { ...place, digest, summary: cached.summary };
  try {
    return { ...place, digest, summary: inference().summarizeConfig(text, file) };
  } catch (error) {
    return { ...place, digest, problem: messageOf(error) };
  }
}

/** By project folder. Both config files of one folder make one project. */
function projectNames(workspaceRoot: string, reads: readonly ReadConfig[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { root, summary } of reads) {
    if (summary?.name !== undefined && !names.has(root)) names.set(root, summary.name);
  }
  for (const { root } of reads) {
    const name =
      nameByProjectFiles(workspaceRoot, root) ?? names.get(root) ?? nameByFolder(workspaceRoot, root);
    names.set(root, name);
  }
  return names;
}

function knownDatasets(reads: readonly ReadConfig[], names: ReadonlyMap<string, string>): KnownDatasets {
  return new Map(
    reads
      .filter(({ kind }) => kind === 'dataset')
      .map(({ root, summary }) => [
        names.get(root) ?? root,
        summary?.kind === 'dataset' ? summary.splits : undefined,
      ]),
  );
}

function problemOf(read: ReadConfig, name: string, datasets: KnownDatasets): string | undefined {
  const { file, summary, problem } = read;
  if (summary === undefined) return problem;
  if (summary.name !== undefined && summary.name !== name) {
    return `${file}: name: "${summary.name}" is not what the other files of the folder call the project, "${name}" (project.json, package.json or the other config). Give one name, or leave this one out.`;
  }
  if (summary.kind !== 'model' || referencesExist(summary, datasets)) return undefined;
  try {
    inference().checkReferences(summary, datasets, file);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

interface FoundEnvironments {
  readonly environments: readonly string[];
  /** For the cache; absent when nothing was parsed. */
  readonly cached?: CachedEnvironments;
  readonly problem?: string;
}

/** The environments of the options, else of mlops.json. Without either there are none, and the projects stay. */
function findEnvironments(
  workspaceRoot: string,
  options: ResolvedOptions,
  cached: CachedEnvironments | undefined,
): FoundEnvironments {
  if (options.environments !== undefined) return { environments: options.environments };
  const file = join(workspaceRoot, 'mlops.json');
  if (!existsSync(file)) {
    return {
      environments: [],
      problem:
        'mlops.json: is not there, so models cannot be deployed. Run nx g nx-mlops:init, which writes it.',
    };
  }
  try {
    const text = readFileSync(file, 'utf8');
    const digest = digestOf(text);
    const found =
      cached?.digest === digest ? cached : { digest, environments: inference().parseEnvironments(text) };
    return { environments: found.environments, cached: found };
  } catch (error) {
    return { environments: [], problem: messageOf(error) };
  }
}

/** Whether two graphs came out the same, by their digests. */
function isSame(a: GraphCache, b: GraphCache): boolean {
  const files = Object.keys(b.configs);
  return (
    a.environments?.digest === b.environments?.digest &&
    files.length === Object.keys(a.configs).length &&
    files.every((file) => {
      const [before, after] = [a.configs[file], b.configs[file]];
      return before?.digest === after?.digest && before?.projectKey === after?.projectKey;
    })
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
