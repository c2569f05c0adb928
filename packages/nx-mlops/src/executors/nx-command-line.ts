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

function processOf(pid: number): { parent: number; args: string[] } | undefined {
  const ps = execa.sync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { reject: false, timeout: 2000 });
  const match = /^\s*(\d+)\s+(.*)$/m.exec(ps.stdout ?? '');
  if (match === null) return viaProc(pid);
  return { parent: Number(match[1]), args: exactArguments(pid) ?? (match[2] as string).split(/\s+/) };
}

/** A slim container has no ps. */
function viaProc(pid: number): { parent: number; args: string[] } | undefined {
  const args = exactArguments(pid);
  const parent = /^PPid:\s*(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1];
  return args === undefined || parent === undefined ? undefined : { parent: Number(parent), args };
}

/** On Linux, with the borders between arguments kept: a path may hold spaces. */
function exactArguments(pid: number): string[] | undefined {
  const text = readOrNothing(`/proc/${pid}/cmdline`);
  return text === '' ? undefined : text.split('\0').slice(0, -1);
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
