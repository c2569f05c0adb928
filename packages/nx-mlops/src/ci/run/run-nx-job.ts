import { MlopsError, messageOf, writeAtomically } from '@nx-mlops/core';
import { copyFile, link, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ciSystemOf } from '../../doctor/ci-system';
import { runProcess, type ProcessEnd } from '../../processes/run-process';
import { nxProgram } from '../../processes/workspace-nx';
import { nxRunSchema, type NxRun } from '../../reporting/workspace/run-information';
import { assertJobName, ciFolder, jobFolder } from '../ci-folder';
import { writeJobIndex } from '../job-index';
import {
  DEFAULT_MAX_CACHE_BYTES,
  ENTRY_PREFIX,
  startEmbeddedCache,
  type EmbeddedCache,
} from './embedded-cache';
import { gatherResults, type ResultProject } from './gather-results';
import { chooseRemoteCache, SERVER_VARIABLE, type RemoteCache } from './remote-cache';

/** Between SIGTERM and SIGKILL: longer than tasks of ours get from Nx, so that they end by themselves. ms */
const GRACE_MS = 20_000;

export interface NxJobRequest {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Names the folder of what the job hands on. */
  readonly job: string;
  /** What follows `nx`. */
  readonly nxArgs: readonly string[];
  readonly base: string;
  readonly head: string;
  /** Environment of our own process. */
  readonly env: NodeJS.ProcessEnv;
  /** `ci.results` of mlops.json. */
  readonly results: readonly string[];
  /** Bytes of the embedded cache. @default 4 GB */
  readonly maxCacheBytes?: number;
  /** Where Nx keeps its record of the last run when it is left alone. Absolute. */
  readonly nxCacheFolder: () => string;
  /** Asked after the run, with the environment that Nx ran in. */
  readonly readProjects: (env: NodeJS.ProcessEnv) => Promise<ReadonlyMap<string, ResultProject>>;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export interface NxJobEnd {
  /** Of nx; 130 or 143 when it was stopped. */
  readonly exitCode: number;
  /** Undefined where no task ran. */
  readonly run: NxRun | undefined;
}

/**
 * Runs nx as a job of a pipeline: through the cache that its jobs share, with what it did and made left in
 * `.mlops/ci/out/<job>`, also after a failure.
 *
 * @throws MlopsError MLOPS_USAGE for a name that cannot be, MLOPS_NX_MISSING, MLOPS_CI_NX where nx cannot be started
 */
export async function runNxJob(request: NxJobRequest): Promise<NxJobEnd> {
  const { workspaceRoot, job, base, head, signal, print } = request;
  assertJobName(job);
  const folder = join(workspaceRoot, ciFolder.out, job);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });

  const cache = await chooseRemoteCache(request.env, await readNxJson(workspaceRoot));
  print(describeCache(cache));
  const place = await nxPlace(request, cache);
  const embedded =
    cache.kind === 'embedded'
      ? await startEmbeddedCache({
          ...{ workspaceRoot, print },
          maxBytes: request.maxCacheBytes ?? DEFAULT_MAX_CACHE_BYTES,
        })
      : undefined;
  const env = { ...place.env, ...embedded?.env };
  const before = await readText(place.runFile());
  let exitCode: number;
  try {
    exitCode = await runNx(request, env);
  } finally {
    await handOnEntries(embedded, workspaceRoot, folder, print);
  }
  const run = await newRun(place.runFile(), before);
  if (run !== undefined) {
    // Of what was stopped nothing is whole, and who stops us does not wait.
    if (!signal.aborted && run.tasks.length > 0) await handOnResults(request, env, run, folder);
    await writeAtomically(join(folder, jobFolder.run), `${JSON.stringify(run, null, 2)}\n`);
  }
  await writeJobIndex(folder, { job, head, base, exitCode });
  return { exitCode, run };
}

/** What a job without work hands on, so that whoever fetches it finds it. */
export async function writeIdleJob({
  workspaceRoot,
  job,
  base,
  head,
}: Pick<NxJobRequest, 'workspaceRoot' | 'job' | 'base' | 'head'>): Promise<void> {
  assertJobName(job);
  const folder = join(workspaceRoot, ciFolder.out, job);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeJobIndex(folder, { job, head, base, exitCode: 0 });
}

/** In which environment Nx runs, and where it leaves its record. */
interface NxPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly runFile: () => string;
}

/**
 * In CI Nx starts with a cache folder that is empty: of what it finds in that of an agent that has run before, no other job
 * would hear, and the one that deploys would train anew.
 */
async function nxPlace(request: NxJobRequest, cache: RemoteCache): Promise<NxPlace> {
  const env: NodeJS.ProcessEnv = { ...request.env, NX_TUI: 'false' };
  if (cache.kind === 'nx-cloud' || ciSystemOf(env) === undefined) {
    return { env, runFile: () => join(request.nxCacheFolder(), jobFolder.run) };
  }
  const folder = join(request.workspaceRoot, ciFolder.nx);
  await rm(folder, { recursive: true, force: true });
  const cacheFolder = join(folder, 'cache');
  await mkdir(cacheFolder, { recursive: true });
  return {
    env: {
      ...env,
      NX_CACHE_DIRECTORY: cacheFolder,
      NX_WORKSPACE_DATA_DIRECTORY: join(folder, 'data'),
      NX_DAEMON: env['NX_DAEMON'] ?? 'false',
    },
    runFile: () => join(cacheFolder, jobFolder.run),
  };
}

async function runNx(request: NxJobRequest, env: NodeJS.ProcessEnv): Promise<number> {
  const { workspaceRoot, nxArgs, signal, print } = request;
  print(`> nx ${nxArgs.map(shown).join(' ')}`);
  let end: ProcessEnd;
  try {
    end = await runProcess({
      command: [process.execPath, nxProgram(workspaceRoot), ...nxArgs],
      cwd: workspaceRoot,
      env,
      signal,
      grace: GRACE_MS,
      onLine: ({ text }) => print(text),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    return messageOf(signal.reason).includes('SIGINT') ? 130 : 143;
  }
  switch (end.kind) {
    case 'exited':
      return end.code;
    case 'killed':
      print(`nx was killed (${end.signal}).`);
      return 137;
    case 'timed-out':
      return 124;
    case 'not-started':
      throw new MlopsError('MLOPS_CI_NX', `nx cannot be started (${end.message}). Run npm ci first.`);
  }
}

function shown(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

function describeCache(cache: RemoteCache): string {
  switch (cache.kind) {
    case 'nx-cloud':
      return 'Cache: Nx Cloud.';
    case 'server':
      return `Cache: ${cache.url}.`;
    case 'embedded':
      return cache.because === undefined
        ? `Cache: ${ciFolder.cache}.`
        : `Warning: the cache server that ${SERVER_VARIABLE} names is left out, for ${cache.because}. Cache: ${ciFolder.cache}.`;
  }
}

async function handOnEntries(
  embedded: EmbeddedCache | undefined,
  workspaceRoot: string,
  folder: string,
  print: (line: string) => void,
): Promise<void> {
  if (embedded === undefined) return;
  const hashes = await embedded.stop();
  if (hashes.length === 0) return;
  await mkdir(join(folder, jobFolder.entries));
  for (const hash of hashes) {
    const entry = join(workspaceRoot, ciFolder.cache, ENTRY_PREFIX, hash);
    try {
      await linkOrCopy(entry, join(folder, jobFolder.entries, hash));
    } catch (error) {
      print(`Warning: the cache entry ${hash} is not handed on: ${messageOf(error)}`);
    }
  }
}

/** An entry is never changed in place, so a second name for it is as good as a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

async function handOnResults(
  { workspaceRoot, results, readProjects, print }: NxJobRequest,
  env: NodeJS.ProcessEnv,
  run: NxRun,
  folder: string,
): Promise<void> {
  try {
    const projects = await readProjects(env);
    const { paths, tooBig } = await gatherResults({ workspaceRoot, run, projects, globs: results });
    for (const path of paths) {
      const to = join(folder, jobFolder.results, path);
      await mkdir(dirname(to), { recursive: true });
      await copyFile(join(workspaceRoot, path), to);
    }
    for (const path of tooBig) print(`Warning: ${path} has more than 10 MB and is not handed on.`);
  } catch (error) {
    // Tasks that were done well do not fail by it.
    print(`Warning: not all results are handed on: ${messageOf(error)}`);
  }
}

/** Nx writes none where it had nothing to run; what lies there is of an earlier run then. */
async function newRun(file: string, before: string | undefined): Promise<NxRun | undefined> {
  const text = await readText(file);
  if (text === undefined || text === before) return undefined;
  try {
    return nxRunSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function readNxJson(workspaceRoot: string): Promise<unknown> {
  const text = await readText(join(workspaceRoot, 'nx.json'));
  if (text === undefined) return {};
  const { parse } = await import('jsonc-parser');
  return parse(text);
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
