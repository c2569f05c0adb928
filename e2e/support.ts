import { createServer } from 'node:net';
import { join } from 'node:path';
import { createWorkspace, type Workspace } from '../tools/workspace/create-workspace.mjs';
import { repository } from '../tools/workspace/tarballs.mjs';

/** What Nx did with each task of a run: `ran`, or `cached` when it came from the cache or was still in place. */
export type TaskOutcomes = Record<string, 'ran' | 'cached'>;

/** Reads the outcomes from what `nx run` or `nx run-many` printed. */
export function taskOutcomes(output: string): TaskOutcomes {
  const outcomes: TaskOutcomes = {};
  for (const line of output.split('\n')) {
    const match = /^\s*(?:[✔✖>]|√)\s+nx run (\S+)(.*)$/.exec(stripAnsi(line));
    if (match === null) continue;
    const [, task, rest] = match as unknown as [string, string, string];
    outcomes[task] = /cache/.test(rest) ? 'cached' : 'ran';
  }
  return outcomes;
}

export function stripAnsi(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what an escape sequence starts with
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** A workspace of one suite, in a folder whose name has a space. */
export function workspaceFor(
  suite: string,
  options: Parameters<typeof createWorkspace>[1] = {},
): Promise<Workspace> {
  return createWorkspace(join(repository, 'tmp', 'e2e', `${suite} workspace`), options);
}

/** A TCP port of the loopback interface that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** Calls `probe` until it gives a value, at most for `seconds`. */
export async function eventually<T>(probe: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It did not come true within ${seconds} s${last === undefined ? '' : `: ${String(last)}`}`);
}
