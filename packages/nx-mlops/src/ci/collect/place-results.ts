import { layout, sha256OfFile, writeAtomically } from '@nx-mlops/core';
import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesBelow } from '../job-index';
import { MAX_RESULT_BYTES, isSmallKind, resultPlace } from '../result-files';
import { jobFolder } from '../ci-folder';
import type { CollectedJob, JobFile } from './job-files';

/** Of these a dataset has one at a time. */
const alternatives = [
  [layout.validation, layout.validationFailed],
  [layout.validationFailed, layout.validation],
] as const;

interface Placed {
  readonly path: string;
  readonly source: JobFile;
}

/**
 * Puts the results of jobs back into the projects. Each folder of ours comes whole from one job, the first that has it, so that
 * its files fit together; files of it that the job does not have go, except of kinds that are never handed on, such as models.
 *
 * @returns how many files were placed
 */
export async function placeResults(request: {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly jobs: readonly CollectedJob[];
  /** `ci.results` of mlops.json. */
  readonly globs: readonly string[];
  readonly print: (line: string) => void;
}): Promise<number> {
  const { workspaceRoot, print } = request;
  const { folders, others } = chooseResults(request.jobs, request.globs, print);
  let count = 0;
  for (const placed of [...[...folders.values()].flat(), ...others]) {
    const trouble = await place(workspaceRoot, placed);
    if (trouble === undefined) count += 1;
    else print(`Warning: ${placed.path} is not put back: ${trouble}.`);
  }
  for (const [folder, placed] of folders) {
    await removeOthers(workspaceRoot, folder, new Set(placed.map(({ path }) => path)));
    const other = otherOf(folder);
    if (other !== undefined && !folders.has(other)) await removeOthers(workspaceRoot, other, new Set());
  }
  return count;
}

function chooseResults(
  jobs: readonly CollectedJob[],
  globs: readonly string[],
  print: (line: string) => void,
): { readonly folders: ReadonlyMap<string, Placed[]>; readonly others: readonly Placed[] } {
  const folders = new Map<string, Placed[]>();
  const others = new Map<string, Placed>();
  const givers = new Map<string, string>();
  for (const { job, files } of jobs) {
    for (const source of files) {
      if (!source.path.startsWith(`${jobFolder.results}/`)) continue;
      const path = source.path.slice(jobFolder.results.length + 1);
      const found = resultPlace(path, globs);
      if (found === undefined || source.size > MAX_RESULT_BYTES) {
        print(`Warning: ${path} of job ${job} is no result, and is passed over.`);
      } else if (found.folder === undefined) {
        if (!others.has(path)) others.set(path, { path, source });
      } else {
        const giver = givers.get(found.folder) ?? job;
        givers.set(found.folder, giver);
        if (giver === job)
          folders.set(found.folder, [...(folders.get(found.folder) ?? []), { path, source }]);
      }
    }
  }
  return { folders, others: [...others.values()] };
}

/** @returns why not, in words */
async function place(workspaceRoot: string, { path, source }: Placed): Promise<string | undefined> {
  const obstacle = await obstacleIn(workspaceRoot, path, 'file');
  if (obstacle !== undefined) return `${obstacle} is a link or something else in its way`;
  const target = join(workspaceRoot, path);
  const there = await sha256OfFile(target).catch(() => undefined);
  // What is the same keeps its time, for Nx compares that.
  if (there === source.sha256) return undefined;
  await mkdir(dirname(target), { recursive: true });
  await writeAtomically(target, await readFile(source.file));
  return undefined;
}

async function removeOthers(workspaceRoot: string, folder: string, keep: ReadonlySet<string>): Promise<void> {
  if ((await obstacleIn(workspaceRoot, folder, 'folder')) !== undefined) return;
  for (const file of await filesBelow(join(workspaceRoot, folder))) {
    const path = `${folder}/${file}`;
    if (keep.has(path) || !isSmallKind(file)) continue;
    if ((await lstat(join(workspaceRoot, path))).size <= MAX_RESULT_BYTES)
      await rm(join(workspaceRoot, path));
  }
}

/**
 * The first part of a path that is in the way: a link, or a file where a folder should be. What is not there yet is in no way.
 */
async function obstacleIn(
  workspaceRoot: string,
  path: string,
  end: 'file' | 'folder',
): Promise<string | undefined> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    const stats = await lstat(join(workspaceRoot, part)).catch(() => undefined);
    if (stats === undefined) return undefined;
    const isFolder = depth < parts.length || end === 'folder';
    if (isFolder ? !stats.isDirectory() : !stats.isFile()) return part;
  }
  return undefined;
}

function otherOf(folder: string): string | undefined {
  for (const [one, other] of alternatives) {
    if (folder === one || folder.endsWith(`/${one}`)) return `${folder.slice(0, -one.length)}${other}`;
  }
  return undefined;
}
