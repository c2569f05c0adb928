import { runProcess, type ProcessEnd } from '../processes/run-process';

/** ms between SIGTERM and SIGKILL: what a check starts has nothing to clean up. */
const GRACE = 500;
/** Characters that are kept. */
const KEPT = 20_000;

export interface BriefRun {
  readonly end: ProcessEnd;
  /** Of both streams. */
  readonly output: string;
}

/** Runs a program that says something short, and keeps what it says. */
export async function runBriefly(
  command: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<BriefRun> {
  let output = '';
  const end = await runProcess({
    command,
    ...options,
    grace: GRACE,
    onLine: ({ text }) => {
      if (output.length < KEPT) output += `${text}\n`;
    },
  });
  return { end, output: output.trim() };
}

export function succeeded({ end }: Pick<BriefRun, 'end'>): boolean {
  return end.kind === 'exited' && end.code === 0;
}

/** In words, for "it …". */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with exit code ${end.code}`;
    case 'killed':
      return `crashed (${end.signal})`;
    case 'not-started':
      return `could not be started (${end.code})`;
    case 'timed-out':
      return 'took too long';
  }
}
