import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** `run.json` of Nx 23 and 24, which each run of tasks overwrites: what its tasks did and when. */
export const nxRunSchema = z.object({
  run: z.object({ command: z.string(), startTime: z.string(), endTime: z.string() }),
  tasks: z.array(
    z.object({
      taskId: z.string(),
      target: z.string(),
      projectName: z.string(),
      hash: z.string().optional(),
      startTime: z.string().optional(),
      endTime: z.string().optional(),
      cacheStatus: z.string(),
      /** Exit code. Tasks that were skipped are not listed. */
      status: z.number(),
    }),
  ),
});

export type NxRun = z.infer<typeof nxRunSchema>;

/** What one task did in the run that is reported. */
export interface TaskOutcome {
  readonly project: string;
  readonly target: string;
  readonly outcome: 'ran' | 'cached' | 'failed';
  /** Nx's hash of its inputs. */
  readonly hash?: string;
  /** Seconds. */
  readonly duration: number;
}

export interface RunInformation {
  /** Seconds, from the first task to the last. */
  readonly duration: number;
  readonly tasks: readonly TaskOutcome[];
}

/**
 * What Nx wrote of its last run.
 *
 * @returns undefined where there is none or it has another form: the report does without times then
 */
export async function readRunInformation(file: string): Promise<RunInformation | undefined> {
  try {
    return runInformation(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** @param value parsed JSON of `run.json` */
export function runInformation(value: unknown): RunInformation | undefined {
  const parsed = nxRunSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { run, tasks } = parsed.data;
  return {
    duration: secondsBetween(run.startTime, run.endTime),
    tasks: tasks.map(({ projectName, target, hash, startTime, endTime, cacheStatus, status }) => ({
      project: projectName,
      target,
      outcome: status !== 0 ? 'failed' : cacheStatus === 'cache-miss' ? 'ran' : 'cached',
      ...(hash === undefined ? {} : { hash }),
      duration: secondsBetween(startTime, endTime),
    })),
  };
}

function secondsBetween(start: string | undefined, end: string | undefined): number {
  const seconds = (Date.parse(end ?? '') - Date.parse(start ?? '')) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
