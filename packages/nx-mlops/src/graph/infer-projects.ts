import type { CreateNodesContext } from '@nx/devkit';
import type { InferredProject } from './build-project';
import { brokenProject } from './broken-project';
import type { ConfigSummary, DatasetSummary } from './config-summary';
import { digestOf } from './digest';
import { findEnvironments } from './find-environments';
import {
  graphCacheFile,
  readGraphCache,
  saveGraphCache,
  type CachedConfig,
  type GraphCache,
} from './graph-cache';
import { inference } from './load-inference';
import { cycleOf, referencesExist, type KnownDatasets } from './known-datasets';
import { messageOf } from './message-of';
import { resolveOptions, type PluginOptions, type ResolvedOptions } from './plugin-options';
import { packageVersion } from '../package-version';
import { projectNames } from './project-name';
import { readConfig, type ReadConfig } from './read-config';
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
  const cache = readGraphCache(cacheFile, packageVersion());

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
    const text =
      cached?.projectKey === projectKey && cached.project !== undefined
        ? cached.project
        : JSON.stringify(
            inference().buildProject({ project: name, root, summary, options: resolved, facts }),
          );
    entries[file] = { digest, summary, projectKey, project: text };
    // Nx merges into what it gets, so each graph gets an object of its own.
    const project = JSON.parse(text) as InferredProject;
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

function knownDatasets(reads: readonly ReadConfig[], names: ReadonlyMap<string, string>): KnownDatasets {
  return new Map(
    reads
      .filter(({ kind }) => kind === 'dataset')
      .map(({ root, summary }) => [
        names.get(root) ?? root,
        summary?.kind === 'dataset' ? summary : undefined,
      ]),
  );
}

function problemOf(read: ReadConfig, name: string, datasets: KnownDatasets): string | undefined {
  const { file, summary, problem } = read;
  if (summary === undefined) return problem;
  if (summary.name !== undefined && summary.name !== name) {
    return `${file}: name: "${summary.name}" is not what the other files of the folder call the project, "${name}" (project.json, package.json or the other config). Give one name, or leave this one out.`;
  }
  const cycle = summary.kind === 'dataset' ? cycleOf(name, datasets) : undefined;
  if (cycle !== undefined) return cycleProblem(file, summary as DatasetSummary, cycle);
  if (referencesExist(summary, datasets)) return undefined;
  try {
    inference().checkReferences(summary, datasets, file);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function cycleProblem(file: string, { upstream }: DatasetSummary, cycle: readonly string[]): string {
  const source = Object.keys(upstream).find((name) => upstream[name]?.dataset === cycle[1]) ?? '';
  const what =
    cycle.length === 2
      ? 'a dataset cannot be made from itself.'
      : `the dataset would be made from itself: ${cycle.map((name) => `"${name}"`).join(' is made from ')}.`;
  return `${file}: sources.${source}.dataset: ${what} Name another dataset, or the files themselves by "path".`;
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
