import execa from 'execa';

export interface GitAnswer {
  readonly code: number;
  readonly output: string;
}

/** Asks git about the work tree of a folder. Code -1 where there is no git. */
export type Git = (...args: string[]) => Promise<GitAnswer>;

export function gitIn(folder: string): Git {
  return async (...args) => {
    const { exitCode, stdout } = await execa('git', args, {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
      timeout: 20_000,
    });
    // Undefined where the program could not be started at all.
    return { code: (exitCode as number | undefined) ?? -1, output: stdout?.trim() ?? '' };
  };
}
