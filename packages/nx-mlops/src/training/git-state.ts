import execa from 'execa';

/** Where the work tree stood. Empty where there is no git or no commit. */
export interface GitState {
  readonly commit?: string;
  /** Whether tracked files were changed, or new ones lay about that are not ignored. */
  readonly dirty?: boolean;
}

export async function gitState(folder: string): Promise<GitState> {
  const git = (...args: string[]) =>
    execa('git', args, { cwd: folder, reject: false, stdin: 'ignore', timeout: 20_000 });
  const head = await git('rev-parse', '--verify', 'HEAD');
  if (head.exitCode !== 0) return {};
  const status = await git('status', '--porcelain');
  return {
    commit: head.stdout.trim(),
    ...(status.exitCode === 0 ? { dirty: status.stdout.trim() !== '' } : {}),
  };
}
