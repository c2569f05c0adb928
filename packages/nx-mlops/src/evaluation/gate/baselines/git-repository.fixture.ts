import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A git repository for a test, which no setting of this machine reaches. */
export interface GitRepository {
  readonly folder: string;
  git(...args: string[]): string;
  /** Changes a file and commits it. */
  commit(message: string): string;
}

export function gitRepository(folder: string): GitRepository {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'ann',
        GIT_AUTHOR_EMAIL: 'ann@example.org',
        GIT_COMMITTER_NAME: 'ann',
        GIT_COMMITTER_EMAIL: 'ann@example.org',
      },
    }).trim();
  let count = 0;
  const commit = (message: string) => {
    writeFileSync(join(folder, `${message}-${(count += 1)}.txt`), message);
    git('add', '-A', '--', '*.txt');
    git('commit', '-qm', message);
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  return { folder, git, commit };
}
