import { sha256OfFile } from '@nx-mlops/core';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ciFolder, jobFolder, jobNamePattern } from '../ci-folder';
import { readJobIndex, type JobIndex } from '../job-index';

export interface JobFile {
  /** Absolute. */
  readonly file: string;
  /** Relative to the folder of the job, forward slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a job handed on, as far as it is whole. */
export interface CollectedJob {
  readonly job: string;
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly JobFile[];
}

/**
 * The jobs under `.mlops/ci/out` that are whole and of this commit, in the order of their names. What is left out is printed.
 *
 * @param head undefined takes those of any commit
 */
export async function readJobs(
  workspaceRoot: string,
  head: string | undefined,
  print: (line: string) => void,
): Promise<CollectedJob[]> {
  const out = join(workspaceRoot, ciFolder.out);
  const entries = await readdir(out, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const jobs: CollectedJob[] = [];
  for (const name of namesOf(entries)) {
    const folder = join(out, name);
    const index = await readJobIndex(folder);
    if (index === undefined) {
      print(
        `Warning: ${ciFolder.out}/${name} has no ${jobFolder.index}, so it is not whole, and is passed over.`,
      );
    } else if (head !== undefined && index.head !== head) {
      print(`${ciFolder.out}/${name} is of commit ${index.head.slice(0, 9)} and is passed over.`);
    } else {
      jobs.push({ job: name, folder, files: await wholeFiles(folder, name, index, print) });
    }
  }
  return jobs;
}

function namesOf(entries: readonly { readonly name: string; isDirectory(): boolean }[]): string[] {
  return entries
    .filter((entry) => entry.isDirectory() && jobNamePattern.test(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

async function wholeFiles(
  folder: string,
  job: string,
  { files }: JobIndex,
  print: (line: string) => void,
): Promise<JobFile[]> {
  const whole: JobFile[] = [];
  for (const { path, size, sha256 } of files) {
    const trouble = await troubleOf(folder, path, size, sha256);
    if (trouble === undefined) whole.push({ file: join(folder, path), path, size, sha256 });
    else print(`Warning: ${path} of job ${job} ${trouble}, and is passed over.`);
  }
  return whole;
}

async function troubleOf(
  folder: string,
  path: string,
  size: number,
  sha256: string,
): Promise<string | undefined> {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part))) {
    return 'has a path that cannot be';
  }
  try {
    for (let depth = 1; depth <= parts.length; depth++) {
      const stats = await lstat(join(folder, ...parts.slice(0, depth)));
      if (depth < parts.length ? !stats.isDirectory() : !stats.isFile()) return 'is no plain file';
      if (depth === parts.length && stats.size !== size) return 'is not whole';
    }
  } catch {
    return 'is missing';
  }
  return (await sha256OfFile(join(folder, path))) === sha256
    ? undefined
    : 'has other bytes than the job wrote';
}
