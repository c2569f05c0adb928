import { messageOf, writeAtomically } from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { NxRun } from '../reporting/workspace/run-information';
import { ciFolder } from './ci-folder';

/** The least that the newest run counts for: machines and data change, and old times with them. */
const LEAST_WEIGHT = 0.3;

const durationSchema = z.object({
  /** Mean of the runs, the newer ones counting more. */
  seconds: z.number().min(0),
  /** How many runs it is of. */
  runs: z.int().min(1),
  /** When the last of them ended, ISO 8601: what ended no later is counted already. */
  last: z.string().optional(),
});

const stateSchema = z.object({
  version: z.literal(1),
  /** Of tasks that really ran, by task id such as `late:train`. */
  durations: z.record(z.string(), durationSchema),
  /** The last commit of each branch whose pipeline was green. */
  green: z.record(z.string(), z.string().regex(/^[0-9a-f]{40,64}$/)),
});

/** What pipelines hand on to the next one. */
export type CiState = z.infer<typeof stateSchema>;

export const emptyState: CiState = { version: 1, durations: {}, green: {} };

/** A file that is not there, or none that we understand, is an empty state: a pipeline does without. */
export async function readState(workspaceRoot: string, print: (line: string) => void): Promise<CiState> {
  let text: string;
  try {
    text = await readFile(join(workspaceRoot, ciFolder.state), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      print(`${ciFolder.state} cannot be read and is taken for absent: ${messageOf(error)}`);
    }
    return emptyState;
  }
  const state = parseState(text);
  if (state !== undefined) return state;
  print(`${ciFolder.state} is broken or of another version, and is taken for absent.`);
  return emptyState;
}

export function parseState(text: string): CiState | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function writeState(workspaceRoot: string, state: CiState): Promise<void> {
  const sorted = {
    version: state.version,
    durations: sortedByKey(state.durations),
    green: sortedByKey(state.green),
  };
  await writeAtomically(join(workspaceRoot, ciFolder.state), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Adds the tasks of a run that ran and succeeded; those from a cache tell nothing. Twice the same run counts once. */
export function withDurations(state: CiState, { tasks }: NxRun): CiState {
  const durations = new Map(Object.entries(state.durations));
  for (const { taskId, cacheStatus, status, startTime, endTime } of tasks) {
    if (cacheStatus !== 'cache-miss' || status !== 0 || endTime === undefined) continue;
    const seconds = (Date.parse(endTime) - Date.parse(startTime ?? '')) / 1000;
    if (!(seconds >= 0)) continue;
    const known = durations.get(taskId);
    if (known?.last !== undefined && Date.parse(endTime) <= Date.parse(known.last)) continue;
    durations.set(taskId, {
      seconds: round(known === undefined ? seconds : mean(known, seconds)),
      runs: (known?.runs ?? 0) + 1,
      last: endTime,
    });
  }
  return { ...state, durations: Object.fromEntries(durations) };
}

/** The plain mean of the first few, an exponentially weighted one of more. */
function mean(
  { seconds, runs }: { readonly seconds: number; readonly runs: number },
  newest: number,
): number {
  const weight = Math.max(1 / (runs + 1), LEAST_WEIGHT);
  return seconds + weight * (newest - seconds);
}

/** To ms. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function sortedByKey<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
