import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { doSmallFileTask, type SmallFileAnswer, type SmallFileTask } from './small-file-work';
import { ThreadPool } from './thread-pool';

/** Up to here the work is done before a thread has started (some 40 ms). */
const MOST_FILES_HERE = 256;

/** Files and bytes of a task: few enough that Ctrl-C is heard at once, and that all threads have some of a pack. */
const TASK_FILES = 256;
const TASK_BYTES = 2 << 20;

/** Tasks that are handed out at once; one a core is waiting while one is done. */
export const SMALL_FILE_TASKS_AT_ONCE = 4;

/** Does a task somewhere. @throws the error of Node when a file cannot be read or written */
export type DoSmallFileTask = (task: SmallFileTask) => Promise<SmallFileAnswer>;

/**
 * Work on small files, which costs calls into the system and little else: many are spread over threads, few are worked
 * on here. The threads end with `work`.
 *
 * @param files how many there are in all
 */
export async function withSmallFileThreads<Result>(
  files: number,
  work: (run: DoSmallFileTask) => Promise<Result>,
): Promise<Result> {
  if (files <= MOST_FILES_HERE) {
    return work(async (task) => {
      await setImmediate();
      return doSmallFileTask(task);
    });
  }
  const pool = new ThreadPool<SmallFileTask, SmallFileAnswer>(join(__dirname, 'small-file-worker'));
  try {
    return await work((task) =>
      pool.run(task, task.kind === 'store' ? [task.bytes.buffer as ArrayBuffer] : []),
    );
  } finally {
    await pool.close();
  }
}

/** Divides files, in their order, into the files of tasks. */
export function tasksOf<Item>(files: readonly Item[], sizeOf: (file: Item) => number): Item[][] {
  const tasks: Item[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = tasks.at(-1);
    if (last !== undefined && last.length < TASK_FILES && bytes + sizeOf(file) <= TASK_BYTES) {
      last.push(file);
      bytes += sizeOf(file);
    } else {
      tasks.push([file]);
      bytes = sizeOf(file);
    }
  }
  return tasks;
}
