import execa from 'execa';

export interface GitAnswer {
  /** Undefined where git could not be started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** One question to git, which changes nothing. */
export async function askGit(
  folder: string,
  signal: AbortSignal,
  ...args: readonly string[]
): Promise<GitAnswer> {
  return runGit(folder, args, { signal, timeout: 20_000 });
}

/** Runs git to its end and never asks for a password. @param options.timeout ms */
export async function runGit(
  folder: string,
  args: readonly string[],
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<GitAnswer> {
  const child = execa('git', args, {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    timeout,
    env: { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
  });
  const stop = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    const { exitCode, stdout, stderr } = await child;
    return { exitCode, stdout: (stdout ?? '').trim(), stderr: (stderr ?? '').trim() };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
