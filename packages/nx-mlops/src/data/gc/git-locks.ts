import { layout, messageOf, MlopsError } from '@nx-mlops/core';
import execa from 'execa';

/** Locks on the branches of a repository. */
export interface GitLocks {
  /** The text of each lock, once. */
  readonly locks: readonly string[];
  /** Branches and tags that were read, such as `refs/heads/main`. */
  readonly refs: readonly string[];
  /** Whether the clone was made without its history, and so perhaps without its other branches. */
  readonly shallow: boolean;
}

/** Of one object in the output of `git cat-file --batch`. */
const HEADER = /^([0-9a-f]+) blob (\d+)$/;

/**
 * The `dataset.lock.json` files at the tips of branches.
 *
 * @param branches their names; all branches, those of remotes too, and tags when left out
 * @throws MlopsError MLOPS_GC_NO_GIT where there is no repository; MLOPS_GC_UNKNOWN_BRANCH
 */
export async function readGitLocks(
  workspaceRoot: string,
  branches: readonly string[] | undefined,
): Promise<GitLocks> {
  const git: Git = async (args, input) => {
    const { stdout } = await execa('git', args, {
      cwd: workspaceRoot,
      maxBuffer: 1 << 30,
      encoding: null,
      input,
    });
    return stdout;
  };
  const shallow = await git(['rev-parse', '--is-shallow-repository']).then(
    (stdout) => stdout.toString('utf8').trim() === 'true',
    (error: unknown) => {
      throw new MlopsError(
        'MLOPS_GC_NO_GIT',
        `The branches cannot be read (${firstLine(error)}), so nothing says which data is still needed. Run gc in a clone of the repository, with git installed.`,
        {},
        { cause: error },
      );
    },
  );
  const tips = new Map<string, string>();
  for (const { ref, commit } of await refsOf(git, branches)) tips.set(ref, commit);
  const blobs = new Set<string>();
  for (const commit of new Set(tips.values())) {
    const tree = await git(['ls-tree', '-r', '-z', '--full-tree', commit]);
    for (const entry of tree.toString('utf8').split('\0')) {
      const match = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry);
      const [, id, path = ''] = match ?? [];
      if (id !== undefined && path.split('/').at(-1) === layout.datasetLock) blobs.add(id);
    }
  }
  return { locks: await readBlobs(git, [...blobs]), refs: [...tips.keys()], shallow };
}

/** Runs git in the workspace. @returns what it printed */
type Git = (args: readonly string[], input?: string) => Promise<Buffer>;

async function refsOf(
  git: Git,
  branches: readonly string[] | undefined,
): Promise<{ ref: string; commit: string }[]> {
  if (branches === undefined) {
    const found = await git([
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      'refs/heads',
      'refs/remotes',
      'refs/tags',
    ]);
    return found
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [ref = '', id = ''] = line.split(' ');
        return { ref, commit: id };
      });
  }
  return Promise.all(
    branches.map(async (branch) => {
      const found = await git([
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${branch}^{commit}`,
      ]).catch(() => {
        throw new MlopsError(
          'MLOPS_GC_UNKNOWN_BRANCH',
          `There is no branch or tag "${branch}" here. Fetch it first, or name it as git does, such as origin/${branch}.`,
        );
      });
      return { ref: branch, commit: found.toString('utf8').trim() };
    }),
  );
}

async function readBlobs(git: Git, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const bytes = await git(['cat-file', '--batch'], `${ids.join('\n')}\n`);
  const texts: string[] = [];
  for (let at = 0; texts.length < ids.length;) {
    const end = bytes.indexOf(0x0a, at);
    const size = Number(HEADER.exec(bytes.toString('latin1', at, end))?.[2]);
    if (end < 0 || Number.isNaN(size))
      throw new Error('git cat-file --batch gave something else than was asked for');
    texts.push(bytes.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n').slice(-1)[0] ?? '';
}
