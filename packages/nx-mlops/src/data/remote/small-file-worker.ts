import { parentPort } from 'node:worker_threads';
import { doSmallFileTask, type SmallFileTask } from './small-file-work';
import type { ThreadAnswer } from './thread-pool';

/** As a thread of a `ThreadPool`: takes a task a message, answers with one. */
if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (task: SmallFileTask) => {
    try {
      const value = doSmallFileTask(task);
      const answer: ThreadAnswer<typeof value> = { value };
      port.postMessage(answer, value.kind === 'read' ? [value.bytes.buffer] : []);
    } catch (error) {
      // An error loses its code on the way to another thread.
      const { message, code, syscall, path } = error as NodeJS.ErrnoException;
      const answer: ThreadAnswer<never> = { failure: { message, code, syscall, path } };
      port.postMessage(answer);
    }
  });
}
