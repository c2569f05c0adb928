import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runInThreads } from '../../processes/run-in-threads';
import type { DatasetProject } from '../dataset-project';
import { unreadable } from '../sources/source-files';
import { stateText } from './stat-text';
import { statBatch, type StatAnswer, type StatTask } from './stat-worker';

/** Files between two looks at the signal, and of a message to a thread. */
const BATCH_FILES = 1024;

/** Up to here it takes less time to look at them than to start a thread. */
const MOST_FILES_HERE = 8 * BATCH_FILES;

/** Messages that wait in front of a thread, so that it has work while this one is busy with its own. */
const BATCHES_AHEAD = 3;

/** Files and their states, in the same order. */
export interface SeenFiles {
  /** How many they are. */
  readonly files: number;
  /** Their bytes together. */
  readonly bytes: number;
  /** Relative to the dataset's folder, with a NUL between. */
  readonly paths: string;
  /** As `putState` puts them. */
  readonly states: BigInt64Array;
}

/**
 * The state of each file as it is now, in the order of the paths. The paths are asked for while others are looked at, so
 * that finding files and looking at them go on at once.
 *
 * @param lists of paths relative to the dataset's folder, forward slashes
 * @throws MlopsError MLOPS_SOURCE_UNREADABLE for the first file that cannot be looked at or is none; what `lists` throws;
 *   the reason of the signal
 */
export async function statFiles(
  project: DatasetProject,
  lists: Iterable<readonly string[]>,
  signal?: AbortSignal,
): Promise<SeenFiles[]> {
  const seen = await lookAt(project.folder, lists, signal);
  for (const { paths, failures } of seen) {
    const [first] = failures;
    if (first === undefined) continue;
    throw unreadable(project, paths.split('\0')[first.index] as string, new Error(first.reason));
  }
  return seen;
}

/** A file as it is now: its state as `statText` writes it, or the code of why it has none, such as `ENOENT`. */
export type FileLook = { readonly state: string } | { readonly state?: undefined; readonly code?: string };

/**
 * The state of each file, in the order of the paths, whether it is there or not.
 *
 * @param folder absolute
 * @param paths relative to it, forward slashes
 * @throws the reason of the signal
 */
export async function lookAtFiles(
  folder: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<FileLook[]> {
  const seen = await lookAt(folder, [paths], signal);
  return seen.flatMap(({ files, states, failures }) => {
    const failed = new Map(failures.map((failure) => [failure.index, failure]));
    return Array.from({ length: files }, (_, index): FileLook => {
      const failure = failed.get(index);
      return failure === undefined ? { state: stateText(states, index) } : { code: failure.code };
    });
  });
}

async function lookAt(
  folder: string,
  lists: Iterable<readonly string[]>,
  signal?: AbortSignal,
): Promise<(Batch & StatAnswer)[]> {
  const seen: (Batch & StatAnswer)[] = [];
  await runInThreads<Batch, StatAnswer>(
    join(__dirname, 'stat-worker'),
    batchesOf(folder, lists),
    (batch, answer) => (seen[batch.index] = { ...batch, ...answer }),
    {
      data: undefined,
      stop: new Int32Array(new SharedArrayBuffer(4)),
      signal,
      threads: availableParallelism() - 1,
      ahead: BATCHES_AHEAD,
      here: { run: statBatch, alone: MOST_FILES_HERE / BATCH_FILES },
    },
  );
  return seen;
}

interface Batch extends StatTask {
  readonly files: number;
  readonly index: number;
}

function* batchesOf(folder: string, lists: Iterable<readonly string[]>): Generator<Batch, void> {
  let index = 0;
  for (const paths of inBatches(lists)) {
    yield { index: index++, folder, files: paths.length, paths: paths.join('\0') };
  }
}

/** Lists of any length as lists of between one and two times the same length, the last one excepted. */
function* inBatches(lists: Iterable<readonly string[]>): Generator<readonly string[], void> {
  let batch: string[] = [];
  for (const list of lists) {
    for (let at = 0; at < list.length; at += BATCH_FILES) {
      batch.push(...list.slice(at, at + BATCH_FILES));
      if (batch.length < BATCH_FILES) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
