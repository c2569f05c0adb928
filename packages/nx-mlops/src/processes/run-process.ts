import { setTimeout as sleep } from 'node:timers/promises';
import execa from 'execa';
import { lineSplitter, type OutputLine } from './output-lines';
import { endProcessTree, guardProcessGroup, terminationGrace } from './process-tree';

export interface ProcessRequest {
  /** Program and arguments; no shell. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds; without end when left out. */
  readonly timeout?: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace?: number;
  /** Each line of standard output and standard error, as it comes. */
  readonly onLine: (line: OutputLine) => void;
}

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** It could not be started, such as ENOENT for a program that is not there. */
  | { readonly kind: 'not-started'; readonly code: string; readonly message: string }
  | { readonly kind: 'timed-out' };

/** How long output may still come once the process itself has ended. Milliseconds. */
const outputGrace = 2_000;

/**
 * Runs a program and waits for its end. Whatever way this returns, nothing that the program started in its process
 * group lives on: not after an abort, a timeout, a crash, nor after a good end that left helpers behind.
 *
 * @throws the reason of the signal when that was aborted
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  request.signal.throwIfAborted();
  const grace = request.grace ?? terminationGrace;
  const [program, ...args] = request.command;
  const child = execa(program, args, {
    cwd: request.cwd,
    env: request.env,
    extendEnv: false,
    // A group of its own, so that all of it can be reached, and the terminal's Ctrl-C reaches it through us alone.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cleanup: false,
  });
  const leader = child.pid;
  const stopGuard = leader === undefined ? () => undefined : guardProcessGroup(leader);
  const output = Promise.all([
    readLines(child.stdout, request.onLine),
    readLines(child.stderr, request.onLine),
  ]);

  let timedOut = false;
  let ending: Promise<void> | undefined;
  const end = () => {
    if (leader !== undefined) ending ??= endProcessTree(leader, grace);
  };
  const timer =
    request.timeout === undefined
      ? undefined
      : setLongTimeout(() => {
          timedOut = true;
          end();
        }, request.timeout);
  request.signal.addEventListener('abort', end);
  try {
    const result = await child;
    // Helpers that outlived it would hold the output open and the machine busy.
    end();
    await ending;
    await Promise.race([output, sleep(outputGrace, undefined, { ref: false })]);
    request.signal.throwIfAborted();
    return timedOut ? { kind: 'timed-out' } : endOf(result);
  } finally {
    timer?.();
    request.signal.removeEventListener('abort', end);
    await ending;
    stopGuard();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function endOf(result: execa.ExecaReturnValue): ProcessEnd {
  if (typeof result.exitCode === 'number') return { kind: 'exited', code: result.exitCode };
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
  const error = result as Partial<execa.ExecaError & NodeJS.ErrnoException>;
  return {
    kind: 'not-started',
    code: error.code ?? 'unknown',
    message: error.originalMessage ?? error.message ?? 'unknown reason',
  };
}

async function readLines(
  stream: NodeJS.ReadableStream | null,
  onLine: (line: OutputLine) => void,
): Promise<void> {
  if (stream === null) return;
  const splitter = lineSplitter(onLine);
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => splitter.write(chunk));
  await new Promise<void>((resolve) => {
    stream.on('close', resolve);
    stream.on('error', resolve);
  });
  splitter.end();
}

/** As setTimeout, which takes 24 days at most and fires at once for more. Returns what clears it. */
function setLongTimeout(action: () => void, milliseconds: number): () => void {
  const longest = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.min(left, longest));
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}
