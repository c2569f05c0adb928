import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ciFolder } from '../ci-folder';
import { readJobIndex } from '../job-index';

/**
 * The commit that the jobs of this pipeline were compared with, where they agree. A later job that looked for it anew could
 * find another: by then the commit itself may be noted as green.
 *
 * @param head commit that is checked out; what another pipeline left on a lasting agent does not count
 */
export async function baseOfJobs(workspaceRoot: string, head: string): Promise<string | undefined> {
  const folder = join(workspaceRoot, ciFolder.out);
  const names = await readdir(folder).catch(() => []);
  const jobs = await Promise.all(names.map((name) => readJobIndex(join(folder, name))));
  const bases = new Set(jobs.flatMap((job) => (job?.head === head ? [job.base] : [])));
  const [base] = bases;
  return bases.size === 1 ? base : undefined;
}
