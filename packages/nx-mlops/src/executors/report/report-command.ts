import { MlopsError } from '@nx-mlops/core';
import { join, resolve } from 'node:path';
import { providers, type Provider } from '../../reporting/pull-request/report-place';
import { commentModes, reportWorkspace, type CommentMode } from '../../reporting/workspace/report-workspace';
import { workspaceNx } from '../../processes/workspace-nx';
import { openWorkspaceRegistry } from '../../rollout/open-workspace-registry';
import { readMlopsConfig } from '../../rollout/read-mlops-config';
import { nxCacheFolder } from '../nx-cache-folder';
import type { StageEnvironment } from '../run-stage';
import { readProjects, selectModels, type ModelSelection } from './nx-projects';
import type { ReportExecutorOptions } from './schema';

/** Parses the options of `nx-mlops report` and of the executor, asks Nx for the models, and reports them. */
export async function runReport(
  workspaceRoot: string,
  options: ReportExecutorOptions,
  { print, signal }: StageEnvironment,
): Promise<boolean> {
  const selection = selectionOf(options);
  const mlops = await readMlopsConfig(workspaceRoot);
  const nx = workspaceNx(workspaceRoot, signal);
  const projects = await readProjects(nx);
  const { output, slot, staleDays, pullRequest, repository, apiUrl, runFile } = options;
  return reportWorkspace({
    workspaceRoot,
    projects,
    models: await selectModels(projects, selection, nx),
    mlops,
    registry: openWorkspaceRegistry(mlops, workspaceRoot),
    runFile: runFile === undefined ? join(nxCacheFolder(), 'run.json') : resolve(workspaceRoot, runFile),
    comment: oneOf<CommentMode>('--comment', options.comment ?? 'required', commentModes),
    failOnBlock: options.failOn !== undefined && oneOf('--fail-on', options.failOn, ['block']) === 'block',
    ...(options.provider === undefined
      ? {}
      : { provider: oneOf<Provider>('--provider', options.provider, providers) }),
    ...(output === undefined ? {} : { output }),
    ...(slot === undefined ? {} : { slot }),
    ...(staleDays === undefined ? {} : { staleDays: daysOf(staleDays) }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(repository === undefined ? {} : { repository }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    env: process.env,
    now: new Date(),
    signal,
    print,
  });
}

function selectionOf({ projects, all, base, head }: ReportExecutorOptions): ModelSelection {
  const isNamed = projects !== undefined && projects.length > 0;
  if ([isNamed, all === true, base !== undefined || head !== undefined].filter(Boolean).length > 1) {
    throw new MlopsError('MLOPS_USAGE', 'Give one of --projects, --all, and --base with --head.');
  }
  if (isNamed) return { kind: 'projects', names: projects };
  if (all === true) return { kind: 'all' };
  return {
    kind: 'affected',
    ...(base === undefined ? {} : { base }),
    ...(head === undefined ? {} : { head }),
  };
}

function oneOf<Word extends string>(option: string, word: string, words: readonly Word[]): Word {
  const found = words.find((each) => each === word);
  if (found !== undefined) return found;
  throw new MlopsError('MLOPS_USAGE', `${option} takes ${words.join(', ')}, not "${word}".`);
}

function daysOf(days: number): number {
  if (Number.isFinite(days) && days >= 0) return days;
  throw new MlopsError('MLOPS_USAGE', `--stale-days takes a number of days from 0, not "${days}".`);
}
