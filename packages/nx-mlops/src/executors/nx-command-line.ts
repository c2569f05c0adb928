import execa from 'execa';
import { readFileSync } from 'node:fs';

/** Between an executor and the nx command stand at most a worker and a shell or two. */
const MOST_ANCESTORS = 6;

/**
 * What follows `nx` on the command line that runs this executor, found among the processes above it: Nx does not tell an
 * executor, and drops a configuration that a target lacks without a word.
 *
 * @returns undefined where it cannot be told: on Windows, or where an agent runs the task
 */
export function nxCommandLine(pid: number = process.ppid): string[] | undefined {
  let ancestor = pid;
  for (let count = 0; count < MOST_ANCESTORS && ancestor > 1; count++) {
    const found = processOf(ancestor);
    if (found === undefined) return undefined;
    const own = argumentsOfNx(found.args);
    if (own !== undefined) return own;
    ancestor = found.parent;
  }
  return undefined;
}

/** `node /x/node_modules/.bin/nx run a:b` gives `run a:b`; undefined for another program, and for a worker of Nx. */
export function argumentsOfNx(args: readonly string[]): string[] | undefined {
  const nx = args.slice(0, 4).findIndex((argument) => /(^|[\\/])nx(\.js)?$/.test(argument));
  return nx < 0 ? undefined : args.slice(nx + 1);
}

interface Process {
  readonly parent: number;
  readonly args: readonly string[];
}

function processOf(pid: number): Process | undefined {
  return fromProc(pid) ?? fromPs(pid);
}

/** On Linux: needs no program, and keeps the borders between arguments, for a path may hold spaces. */
function fromProc(pid: number): Process | undefined {
  const parent = /^PPid:\s*(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1];
  const args = readOrNothing(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  return parent === undefined ? undefined : { parent: Number(parent), args };
}

function fromPs(pid: number): Process | undefined {
  const ps = execa.sync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { reject: false, timeout: 2000 });
  const match = /^\s*(\d+)\s+(.*)$/m.exec(ps.stdout ?? '');
  return match === null ? undefined : { parent: Number(match[1]), args: (match[2] as string).split(/\s+/) };
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
