import { statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { statText } from './stat-text';

/** Files to look at. As one text, which goes to another thread in no time, where a list of texts does not. */
export interface StatTask {
  /** Absolute. */
  readonly folder: string;
  /** Relative to it, with a NUL between. */
  readonly paths: string;
}

/**
 * Looks at files: of each one line, its stat as `statText` writes it, or `-` and why there is none.
 *
 * Synchronous: for 100,000 files a promise each would cost more than the looking.
 */
export function statBatch({ folder, paths }: StatTask): string {
  const lines = paths.split('\0').map((path) => {
    try {
      // Not `join`, which takes longer than the call into the system.
      const stats = statSync(`${folder}/${path}`, { bigint: true });
      return stats.isFile() ? statText(stats) : '-it is no regular file';
    } catch (error) {
      return `-${(error as Error).message.replaceAll('\n', ' ')}`;
    }
  });
  return lines.join('\n');
}

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (task: StatTask) => port.postMessage(statBatch(task)));
}
