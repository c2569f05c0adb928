import { MlopsError } from '@nx-mlops/core';
import { runGit, type GitAnswer } from '../../doctor/ask-git';
import type { Relation } from './comparison';

/** Commits by which a shallow clone is deepened, one fetch after the other; after these it gets all. */
const STEPS = [50, 200, 800, 3200];
const FETCH_TIMEOUT_MS = 15 * 60_000;
const ASK_TIMEOUT_MS = 60_000;

/** The history that git has of a work tree, and fetches of it what a shallow clone lacks. */
export class CommitHistory {
  private stepsTaken = 0;

  constructor(
    private readonly folder: string,
    private readonly signal: AbortSignal,
    private readonly print: (line: string) => void,
  ) {}

  /** The commit that `revision` names. @throws MlopsError MLOPS_CI_GIT when there is none */
  async commit(revision: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.git(
      'rev-parse',
      '--verify',
      '--quiet',
      `${revision}^{commit}`,
    );
    if (exitCode === 0) return stdout;
    throw new MlopsError(
      'MLOPS_CI_GIT',
      exitCode === undefined
        ? 'git cannot be started. Install it on this machine; in CI, take an image that has it.'
        : `git knows no commit "${revision}"${stderr === '' ? '' : ` (${stderr.slice(0, 200)})`}. Is this a work tree with a commit, and is the name right?`,
    );
  }

  /** The branch that is checked out; undefined of a detached HEAD. */
  async currentBranch(): Promise<string | undefined> {
    const { exitCode, stdout } = await this.git('symbolic-ref', '--quiet', '--short', 'HEAD');
    return exitCode === 0 ? stdout : undefined;
  }

  /**
   * The last commit that `head` and a branch of the remote have in common.
   *
   * @returns undefined where there is no such branch, or they have none in common
   */
  async mergeBase(head: string, branch: string): Promise<string | undefined> {
    const tip = await this.tipOf(branch);
    if (tip === undefined) return undefined;
    for (;;) {
      const { exitCode, stdout } = await this.git('merge-base', head, tip);
      if (exitCode === 0) return stdout;
      if (!(await this.deepen(head, branch))) return undefined;
    }
  }

  /** How a commit stands to `head`. */
  async relation(sha: string, head: string): Promise<Relation> {
    if (sha === head) return 'same';
    for (;;) {
      if (await this.isAncestor(sha, head)) return 'ancestor';
      if (!(await this.deepen(head))) break;
    }
    if (!(await this.has(sha)) && !(await this.fetch(sha))) return 'gone';
    return (await this.isAncestor(head, sha)) ? 'descendant' : 'unrelated';
  }

  /** The newest commit of a branch of the remote, which is fetched where it is missing; else of the local branch. */
  private async tipOf(branch: string): Promise<string | undefined> {
    const remote = `refs/remotes/origin/${branch}`;
    if (!(await this.has(remote))) {
      const depth = (await this.isShallow()) ? ['--depth=1'] : [];
      await this.fetch(...depth, `+refs/heads/${branch}:${remote}`);
    }
    for (const ref of [remote, `refs/heads/${branch}`]) if (await this.has(ref)) return ref;
    return undefined;
  }

  /** @returns false when there is nothing more to be had */
  private async deepen(head: string, branch?: string): Promise<boolean> {
    if (!(await this.isShallow())) return false;
    const step = STEPS[this.stepsTaken++];
    const depth = step === undefined ? '--unshallow' : `--deepen=${step}`;
    // A clone is deepened below what is asked for, so HEAD has to be among it.
    const wanted = [
      head,
      ...(branch === undefined ? [] : [`+refs/heads/${branch}:refs/remotes/origin/${branch}`]),
    ];
    this.print(`The clone is shallow: git fetch ${depth}.`);
    return (await this.fetch(depth, ...wanted)) || this.fetch(depth);
  }

  private async fetch(...args: readonly string[]): Promise<boolean> {
    const line = ['fetch', '--no-tags', '--quiet', ...withRemote(args)];
    const { exitCode, stderr } = await runGit(this.folder, line, {
      signal: this.signal,
      timeout: FETCH_TIMEOUT_MS,
    });
    this.signal.throwIfAborted();
    if (exitCode !== 0) this.print(`git ${line.join(' ')} failed: ${stderr.slice(-300)}`);
    return exitCode === 0;
  }

  private async has(revision: string): Promise<boolean> {
    return (await this.git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`)).exitCode === 0;
  }

  private async isAncestor(ancestor: string, of: string): Promise<boolean> {
    return (await this.git('merge-base', '--is-ancestor', ancestor, of)).exitCode === 0;
  }

  private async isShallow(): Promise<boolean> {
    return (await this.git('rev-parse', '--is-shallow-repository')).stdout === 'true';
  }

  private async git(...args: readonly string[]): Promise<GitAnswer> {
    const answer = await runGit(this.folder, args, { signal: this.signal, timeout: ASK_TIMEOUT_MS });
    this.signal.throwIfAborted();
    return answer;
  }
}

/** The remote stands between the options and what is fetched. */
function withRemote(args: readonly string[]): string[] {
  const options = args.filter((argument) => argument.startsWith('--'));
  return [...options, 'origin', ...args.filter((argument) => !argument.startsWith('--'))];
}
