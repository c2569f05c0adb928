import { MlopsError } from '@nx-mlops/core';
import { CommitHistory } from '../../../ci/base/commit-history';
import { runNxJob } from '../../../ci/run/run-nx-job';
import { nxCacheFolder } from '../../../executors/nx-cache-folder';
import { readProjects } from '../../../executors/report/nx-projects';
import { workspaceNx } from '../../../processes/workspace-nx';
import type { ReportedProject } from '../../../reporting/workspace/model-report';
import { currentActor } from '../../../rollout/actor';
import { openTools } from '../../../rollout/open-tools';
import { openWorkspaceRegistry } from '../../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../../rollout/read-mlops-config';
import { workspaceRootOf } from '../../workspace-root';
import { readCiSettings, stopSignal } from './ci-settings';

/** What the commands on environments start from; no Nx runs. */
export async function ciDelivery() {
  const workspaceRoot = workspaceRootOf(process.cwd());
  const mlops = await readMlopsConfig(workspaceRoot);
  const registry = openWorkspaceRegistry(mlops, workspaceRoot);
  const signal = stopSignal();
  const print = (line: string) => console.log(line);
  return {
    ...{ workspaceRoot, mlops, registry },
    actor: currentActor(process.env),
    tools: openTools({ registry, mlops, workspaceRoot }),
    signal,
    commit: await new CommitHistory(workspaceRoot, signal, print).commit('HEAD'),
    print,
  };
}

/** What an nx of the workspace needs that runs as a job of the pipeline. */
export async function jobSettings(workspaceRoot: string, signal: AbortSignal) {
  const { results, defaultBranch } = await readCiSettings(workspaceRoot);
  return {
    ...{ workspaceRoot, results, defaultBranch, signal, nxCacheFolder },
    env: process.env,
    readProjects: (env: NodeJS.ProcessEnv) => readProjects(workspaceNx(workspaceRoot, signal, env)),
    print: (line: string) => console.log(line),
  };
}

/** Runs targets of all projects that have them as a job, and gives the exit code of nx. */
export async function runManyJob(
  settings: Awaited<ReturnType<typeof jobSettings>>,
  { base, head }: { readonly base: string; readonly head: string },
  { job, targets }: { readonly job: string; readonly targets: readonly string[] },
): Promise<number> {
  const nxArgs = ['run-many', '-t', ...targets];
  return (await runNxJob({ ...settings, job, base, head, nxArgs })).exitCode;
}

/**
 * Names of the targets that run an executor of ours: those of the workspace, which its plugin options may have renamed.
 *
 * @param executor such as `deploy`
 */
export function targetsOf(projects: ReadonlyMap<string, ReportedProject>, executor: string): string[] {
  const names = [...projects.values()].flatMap(({ targets }) => targets[executor] ?? []);
  return [...new Set(names)].sort();
}

/** @throws MlopsError MLOPS_USAGE */
export function required(command: string, option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new MlopsError('MLOPS_USAGE', `--${option} is missing. See nx-mlops ${command} --help.`);
}
