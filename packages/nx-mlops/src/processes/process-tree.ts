import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import execa from 'execa';

/** How long a process may clean up after SIGTERM before it is killed. Milliseconds. */
export const terminationGrace = 10_000;

/**
 * Ends a process and all that it started: SIGTERM to its group, SIGKILL to whatever is left after the grace.
 * The process must lead a group of its own (`detached`). Does nothing when all of them have gone already.
 *
 * On Windows, which has no groups and no SIGTERM, the tree is ended at once by taskkill.
 *
 * @param grace milliseconds
 */
export async function endProcessTree(leader: number, grace: number = terminationGrace): Promise<void> {
  if (process.platform === 'win32') {
    await execa('taskkill', ['/pid', String(leader), '/T', '/F'], { reject: false });
    return;
  }
  if (!signalGroup(leader, 'SIGTERM')) return;
  const deadline = Date.now() + grace;
  while (Date.now() < deadline) {
    await sleep(50);
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, 'SIGKILL');
}

/** @returns false when the group has no member any more */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Watches over a process group for the case that we die without a chance to end it, as by SIGKILL: a small process
 * of its own whose standard input is a pipe from us. When the pipe breaks, it ends the group.
 *
 * @returns to be called once the group has ended, before its number can belong to anybody else
 */
export function guardProcessGroup(leader: number): () => void {
  if (process.platform === 'win32') return () => undefined;
  const guard = spawn(process.execPath, ['-e', guardProgram, String(leader), String(terminationGrace)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  // A guard that cannot start or has gone takes no training down with it.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => guard.stdin.end('done');
}

// It must run from the sources too, hence no file of its own. Signals meant for our whole tree must not end it first.
const guardProgram = `
const [group, grace] = process.argv.slice(1).map(Number);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
const send = (signal) => { try { process.kill(-group, signal); } catch { process.exit(); } };
process.stdin.on('data', () => process.exit());
process.stdin.on('error', () => {});
process.stdin.on('close', () => {
  send('SIGTERM');
  setTimeout(() => { send('SIGKILL'); process.exit(); }, grace);
});
`;
