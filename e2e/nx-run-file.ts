import { readFile } from 'node:fs/promises';

/** What Nx wrote of one task. */
export interface RanTask {
  readonly taskId: string;
  readonly cacheStatus: string;
  readonly startTime?: string;
  readonly endTime?: string;
}

/** None where Nx ran nothing and so wrote nothing. */
export async function tasksOf(runFile: string): Promise<RanTask[]> {
  const text = await readFile(runFile, 'utf8').catch(() => '{"tasks":[]}');
  return JSON.parse(text).tasks;
}

/** `project:target`, without its configuration. */
export function nameOf({ taskId }: RanTask): string {
  return taskId.split(':').slice(0, 2).join(':');
}

/** How long it took. s */
export function secondsOf({ startTime, endTime }: RanTask): number {
  return (Date.parse(endTime ?? '') - Date.parse(startTime ?? '')) / 1000 || 0;
}

/** Those that did work, where others were read from the cache. */
export function worked(tasks: readonly RanTask[]): RanTask[] {
  return tasks.filter(({ cacheStatus }) => cacheStatus === 'cache-miss');
}
