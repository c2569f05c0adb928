import { sha256OfFile, writeAtomically } from '@nx-mlops/core';
import { lstat, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jobFolder } from './ci-folder';

const indexSchema = z.object({
  version: z.literal(1),
  job: z.string(),
  /** Commit that was checked out. */
  head: z.string(),
  base: z.string(),
  exitCode: z.int(),
  files: z.array(
    z.object({
      /** Relative to the folder of the job, forward slashes. */
      path: z.string(),
      /** Bytes. */
      size: z.int().min(0),
      /** Lower-case hexadecimals. */
      sha256: z.string(),
    }),
  ),
});

/** `job.json`: all files that a job hands on, written last, so that what lacks it is not whole. */
export type JobIndex = z.infer<typeof indexSchema>;

/** Lists the files of a job's folder by what lies there, and writes the index. @param folder absolute */
export async function writeJobIndex(
  folder: string,
  facts: Pick<JobIndex, 'job' | 'head' | 'base' | 'exitCode'>,
): Promise<JobIndex> {
  const files: JobIndex['files'] = [];
  for (const path of await filesBelow(folder)) {
    if (path === jobFolder.index) continue;
    const file = join(folder, path);
    files.push({ path, size: (await lstat(file)).size, sha256: await sha256OfFile(file) });
  }
  const index: JobIndex = { version: 1, ...facts, files };
  await writeAtomically(join(folder, jobFolder.index), `${JSON.stringify(index, null, 2)}\n`);
  return index;
}

/** @returns undefined where there is none or it has another form */
export async function readJobIndex(folder: string): Promise<JobIndex | undefined> {
  try {
    return indexSchema.safeParse(JSON.parse(await readFile(join(folder, jobFolder.index), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Plain files below a folder, sorted, relative to it with forward slashes; links are passed over. Empty where it is not there. */
export async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    },
  );
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
