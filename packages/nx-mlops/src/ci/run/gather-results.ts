import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import type { NxRun } from '../../reporting/workspace/run-information';
import { filesBelow } from '../job-index';
import { MAX_RESULT_BYTES, isSmallKind, resultFolders, resultPlace } from '../result-files';

/** A project as its results need it. */
export interface ResultProject {
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Names of its targets by the executors of ours that they run. */
  readonly targets: { readonly [executor: string]: string };
}

/** The clock of a file system may lag behind that of the machine. ms */
const CLOCK_SLACK = 1_000;

/**
 * Results of the tasks of one run, never what lay there of another: paths relative to the workspace, sorted.
 *
 * A task that was good, or restored from a cache, has filled its folder. Of one that failed only what it wrote counts, and of
 * the files that `globs` names what was written since the run began.
 */
export async function gatherResults(request: {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly run: NxRun;
  readonly projects: ReadonlyMap<string, ResultProject>;
  /** `ci.results` of mlops.json. */
  readonly globs: readonly string[];
}): Promise<{ readonly paths: readonly string[]; readonly tooBig: readonly string[] }> {
  const { workspaceRoot, run, projects, globs } = request;
  const paths = new Set<string>();
  const tooBig = new Set<string>();
  const consider = async (path: string, since: number | undefined) => {
    if (resultPlace(path, globs) === undefined) return;
    const stats = await lstat(join(workspaceRoot, path));
    if (!stats.isFile() || (since !== undefined && stats.ctimeMs < since - CLOCK_SLACK)) return;
    (stats.size > MAX_RESULT_BYTES ? tooBig : paths).add(path);
  };
  for (const { projectName, target, status, startTime } of run.tasks) {
    const project = projects.get(projectName);
    if (project === undefined) continue;
    const since = status === 0 ? undefined : Date.parse(startTime ?? run.run.startTime);
    for (const [executor, folders] of Object.entries(resultFolders)) {
      if (project.targets[executor] !== target) continue;
      for (const folder of folders) {
        const at = project.root === '.' ? folder : `${project.root}/${folder}`;
        for (const file of await filesBelow(join(workspaceRoot, at))) {
          if (isSmallKind(file)) await consider(`${at}/${file}`, since);
        }
      }
    }
  }
  const started = Date.parse(run.run.startTime);
  for (const path of await namedByGlobs(workspaceRoot, globs)) await consider(path, started);
  return { paths: [...paths].sort(), tooBig: [...tooBig].sort() };
}

function namedByGlobs(workspaceRoot: string, globs: readonly string[]): Promise<string[]> {
  if (globs.length === 0) return Promise.resolve([]);
  return glob([...globs], {
    cwd: workspaceRoot,
    dot: true,
    expandDirectories: false,
    followSymbolicLinks: false,
    ignore: ['**/node_modules/**', '**/.git/**', '.mlops/ci/**'],
  });
}
