import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { listedProjects } from '../../processes/listed-projects';
import type { RunNx } from '../../processes/workspace-nx';
import { tasksOfGraph, type GraphTask } from './task-graph';

/** Commits that a check compares. */
export interface CommitRange {
  readonly base: string;
  readonly head: string;
}

/** What `nx affected` would run. */
export interface AffectedTasks {
  /** With the tasks that they wait for. */
  readonly tasks: ReadonlyMap<string, GraphTask>;
  /** Ids of the requested tasks that are affected. */
  readonly requested: ReadonlySet<string>;
  /** Whether a task is expected to run, rather than to come from the cache. */
  readonly isExpected: (task: GraphTask) => boolean;
}

const reasons = z.record(z.string(), z.unknown());
const explanationSchema = z.object({ affected: reasons, upstream: reasons.default({}) });

/**
 * Asks Nx which tasks a change affects. Where Nx selects tasks (24, unless `affected.legacy`), its own explanation says
 * which of the dependencies a change reaches, too; the others are cache hits. Where it selects projects, those of an
 * affected project count as affected.
 *
 * @throws MlopsError MLOPS_NX_FAILED
 */
export async function affectedTasks(
  targets: readonly string[],
  range: CommitRange,
  runNx: RunNx,
): Promise<AffectedTasks> {
  const folder = await mkdtemp(join(tmpdir(), 'nx-mlops-plan-'));
  try {
    const commits = [`--base=${range.base}`, `--head=${range.head}`];
    const graphFile = join(folder, 'graph.json');
    await runNx(['affected', `--targets=${targets.join(',')}`, ...commits, `--graph=${graphFile}`]);
    const tasks = tasksOfGraph(JSON.parse(await readFile(graphFile, 'utf8')));
    if (tasks.size === 0) return { tasks, requested: new Set(), isExpected: () => false };
    const explanation = await explain(targets, commits, join(folder, 'explanation.json'), runNx);
    return explanation === undefined
      ? byProject(tasks, targets, await affectedProjects(commits, runNx))
      : byTask(tasks, explanation);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param explanation as `nx show projects --affected --with-target=<target> --explain=<file>` writes it (Nx 24.0) */
export function byTask(tasks: ReadonlyMap<string, GraphTask>, explanation: unknown): AffectedTasks {
  const { affected, upstream } = explanationSchema.parse(explanation);
  const expected = new Set([...Object.keys(affected), ...Object.keys(upstream)]);
  return {
    tasks,
    requested: new Set(Object.keys(affected).filter((id) => tasks.has(id))),
    isExpected: ({ id, isCached }) => !isCached || expected.has(id),
  };
}

export function byProject(
  tasks: ReadonlyMap<string, GraphTask>,
  targets: readonly string[],
  affected: ReadonlySet<string>,
): AffectedTasks {
  const requested = [...tasks.values()].filter(
    ({ project, target }) => affected.has(project) && targets.includes(target),
  );
  return {
    tasks,
    requested: new Set(requested.map(({ id }) => id)),
    isExpected: ({ project, isCached }) => !isCached || affected.has(project),
  };
}

/**
 * `nx show`, which runs nothing, also where it does not know the option: `nx affected` would run the tasks then.
 *
 * @returns undefined where Nx selects projects
 */
async function explain(
  targets: readonly string[],
  commits: readonly string[],
  file: string,
  runNx: RunNx,
): Promise<unknown> {
  try {
    const ofTargets = targets.map((target) => `--with-target=${target}`);
    await runNx(['show', 'projects', '--affected', ...ofTargets, ...commits, `--explain=${file}`]);
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // What is really wrong is said by the next question, which every Nx answers.
    return undefined;
  }
}

async function affectedProjects(commits: readonly string[], runNx: RunNx): Promise<ReadonlySet<string>> {
  const output = await runNx(['show', 'projects', '--affected', ...commits, '--json']);
  return listedProjects(output);
}
