import { messageOf, writeAtomically } from '@nx-mlops/core';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nxRunSchema, type NxRun } from '../../reporting/workspace/run-information';
import { CommitHistory } from '../base/commit-history';
import { readCiEvent } from '../base/resolve-base';
import { ciFolder, jobFolder } from '../ci-folder';
import { DEFAULT_MAX_CACHE_BYTES } from '../run/embedded-cache';
import { readState, withDurations, writeState } from '../state';
import { readJobs, type CollectedJob } from './job-files';
import { mergeRuns } from './merge-runs';
import { placeEntries } from './place-entries';
import { placeResults } from './place-results';

export interface CollectRequest {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** `ci.results` of mlops.json. */
  readonly results: readonly string[];
  /** Whether to note in `state.json` how long tasks took. */
  readonly save: boolean;
  /** Whether to note there that the pipeline of HEAD was green. */
  readonly green: boolean;
  /** Bytes of the embedded cache. @default 4 GB */
  readonly maxCacheBytes?: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Brings together what the jobs of a pipeline left in `.mlops/ci/out`: results into the projects, cache entries into the
 * embedded cache, what Nx did into `.mlops/ci/run.json`. A second time changes nothing more.
 */
export async function collect(request: CollectRequest): Promise<void> {
  const { workspaceRoot, results, save, green, print, signal } = request;
  const history = new CommitHistory(workspaceRoot, signal, print);
  const head = await history.commit('HEAD');
  const jobs = await readJobs(workspaceRoot, head, print);
  const placed = await placeResults({ workspaceRoot, jobs, globs: results, print });
  const maxBytes = request.maxCacheBytes ?? DEFAULT_MAX_CACHE_BYTES;
  const entries = await placeEntries({ workspaceRoot, jobs, maxBytes, print });
  const run = mergeRuns(await readRuns(jobs, print));
  const runFile = join(workspaceRoot, ciFolder.run);
  if (run === undefined) await rm(runFile, { force: true });
  else await writeAtomically(runFile, `${JSON.stringify(run, null, 2)}\n`);
  print(
    `${jobs.length} job${jobs.length === 1 ? '' : 's'} (${jobs.map(({ job }) => job).join(', ') || 'none'}): ${run?.tasks.length ?? 0} tasks, ${placed} result files, ${entries} new cache entries.`,
  );
  if (save || green) await updateState(request, history, head, run);
}

async function updateState(
  { workspaceRoot, env, green, print }: CollectRequest,
  history: CommitHistory,
  head: string,
  run: NxRun | undefined,
): Promise<void> {
  const before = await readState(workspaceRoot, print);
  const state = run === undefined ? before : withDurations(before, run);
  const branch = green ? await branchOf(env, history) : undefined;
  if (green && branch === undefined) print('This is no push to a branch, so no commit is noted as green.');
  await writeState(
    workspaceRoot,
    branch === undefined ? state : { ...state, green: { ...state.green, [branch]: head } },
  );
  if (branch !== undefined) print(`${head.slice(0, 9)} is the last green commit of ${branch}.`);
}

async function branchOf(env: NodeJS.ProcessEnv, history: CommitHistory): Promise<string | undefined> {
  const event = await readCiEvent(env);
  if (event.kind === 'push') return event.branch;
  return event.kind === 'none' ? history.currentBranch() : undefined;
}

async function readRuns(jobs: readonly CollectedJob[], print: (line: string) => void): Promise<NxRun[]> {
  const runs: NxRun[] = [];
  for (const { job, files } of jobs) {
    const found = files.find(({ path }) => path === jobFolder.run);
    if (found === undefined) continue;
    try {
      runs.push(nxRunSchema.parse(JSON.parse(await readFile(found.file, 'utf8'))));
    } catch (error) {
      print(
        `Warning: ${jobFolder.run} of job ${job} cannot be understood: ${messageOf(error).slice(0, 200)}`,
      );
    }
  }
  return runs;
}
