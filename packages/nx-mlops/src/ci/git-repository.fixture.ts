import execa from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import tmp from 'tmp';

tmp.setGracefulCleanup();

let made = 0;

/** A repository on disk, apart from the settings of the machine. */
export class GitRepository {
  private constructor(readonly folder: string) {}

  /** With a branch `main` and no commit. */
  static empty(): GitRepository {
    const folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a repository');
    mkdirSync(folder);
    const repository = new GitRepository(folder);
    repository.git('init', '-q', '-b', 'main');
    repository.configure();
    return repository;
  }

  /** A clone as CI makes them. @param depth all when left out */
  clone(revision: string, depth?: number): GitRepository {
    const clone = GitRepository.empty();
    clone.git('remote', 'add', 'origin', pathToFileURL(this.folder).href);
    clone.git(
      'fetch',
      '-q',
      '--no-tags',
      ...(depth === undefined ? [] : [`--depth=${depth}`]),
      'origin',
      revision,
    );
    clone.git('checkout', '-q', '--detach', 'FETCH_HEAD');
    return clone;
  }

  git(...args: string[]): string {
    return execa.sync('git', args, { cwd: this.folder }).stdout;
  }

  /** @returns its sha */
  commit(message: string): string {
    // With a number, for two commits of one second that are alike are the same commit.
    this.git('commit', '-q', '--allow-empty', '-m', `${message} (${++made})`);
    return this.git('rev-parse', 'HEAD');
  }

  /** @returns the sha of the last */
  commits(count: number): string {
    for (let number = 1; number < count; number++) this.commit(`Commit ${number}`);
    return this.commit(`Commit ${count}`);
  }

  write(file: string, content: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  private configure(): void {
    this.git('config', 'user.name', 'Test');
    this.git('config', 'user.email', 'test@example.org');
    this.git('config', 'commit.gpgsign', 'false');
    // As GitHub and GitLab have it: a commit may be asked for by its name.
    this.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  }
}
