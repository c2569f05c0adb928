import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { EMPTY_TREE } from '../../ci/base/empty-tree';
import { baseRevision } from '../../evaluation/gate/baselines/base-revision';
import { askGit, type GitAnswer } from '../ask-git';
import { isSet, type CiSystem } from '../ci-system';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import type { Check, Surroundings } from '../surroundings';

const GIT = 'git';
const HISTORY = 'git history';
const BASE = 'base of affected';

type Git = (...args: readonly string[]) => Promise<GitAnswer>;

/** Whether `nx affected` can tell what a change affects: a repository, its history, a base and a merge base. */
export const gitCheck: Check = {
  name: GIT,
  async run(surroundings, signal) {
    const git: Git = (...args) => askGit(surroundings.workspaceRoot, signal, ...args);
    const repository = await judgeRepository(git);
    if (repository.verdict !== 'ok') {
      return [
        repository,
        skipped(HISTORY, 'there is no commit to look at'),
        skipped(BASE, 'there is no commit to look at'),
      ];
    }
    return [repository, ...(await judgeHistory(git, surroundings))];
  },
};

async function judgeRepository(git: Git): Promise<Finding> {
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.exitCode === undefined) {
    return problem(
      GIT,
      'cannot be started',
      'Install git on this machine; in CI, take an image that has it.',
    );
  }
  if (/dubious ownership/.test(inside.stderr)) {
    return problem(
      GIT,
      'does not trust this folder, which belongs to another user',
      'git config --global --add safe.directory "$PWD"',
    );
  }
  if (inside.stdout !== 'true') {
    return problem(
      GIT,
      'this folder is in no repository',
      'git init, and a first commit; in CI, check out with git rather than download an archive.',
    );
  }
  const head = await git('rev-parse', '--verify', '--quiet', '--short', 'HEAD');
  if (head.exitCode !== 0) return problem(GIT, 'there is no commit yet', 'Make the first one.');
  const branch = await git('symbolic-ref', '--quiet', '--short', 'HEAD');
  return ok(GIT, branch.exitCode === 0 ? `${branch.stdout} at ${head.stdout}` : `detached at ${head.stdout}`);
}

async function judgeHistory(git: Git, surroundings: Surroundings): Promise<Finding[]> {
  const { env, workspaceRoot, isCi } = surroundings;
  const isShallow = (await git('rev-parse', '--is-shallow-repository')).stdout === 'true';
  const deepen = deepening(surroundings.ciSystem);
  const head = await commitOf(git, isSet(env['NX_HEAD']) ? env['NX_HEAD'] : 'HEAD');
  if (head === undefined) {
    return [
      judgeDepth(isShallow, 'unknown', deepen),
      problem(
        BASE,
        'NX_HEAD names no commit that is here',
        isShallow ? deepen : 'Set it to a commit of this clone, or leave it out.',
      ),
    ];
  }
  const { candidates, from } = baseRevision(undefined, env, await defaultBase(workspaceRoot));
  const [wanted = ''] = candidates;
  if (/^0{40,}$/.test(wanted)) {
    return [
      judgeDepth(isShallow, 'unknown', deepen),
      problem(
        BASE,
        `${from} is all zeros, which the CI system gives for the first push of a branch`,
        `Take the branch that it left instead, such as NX_BASE=origin/main, or NX_BASE=${EMPTY_TREE} for all projects.`,
      ),
    ];
  }
  if (wanted === EMPTY_TREE) {
    return [
      judgeDepth(isShallow, 'found', deepen),
      ok(BASE, `the empty tree by ${from}: all projects are affected`),
    ];
  }
  const base = await firstCommit(git, candidates);
  if (base === undefined) {
    const isFirst = !isShallow && (await commitOf(git, `${head}^`)) === undefined;
    const found = `${candidates.join(' and ')} (by ${from}) ${candidates.length > 1 ? 'are' : 'is'} not here`;
    const mend = isFirst
      ? `This is the first commit, so there is nothing to compare with: NX_BASE=${EMPTY_TREE} takes all projects.`
      : isShallow
        ? deepen
        : 'git fetch origin, and name a branch or commit of this clone as NX_BASE, or as defaultBase of nx.json.';
    return [judgeDepth(isShallow, 'missing', deepen), (isCi ? problem : warning)(BASE, found, mend)];
  }
  const merge = await git('merge-base', base, head);
  if (merge.exitCode !== 0) {
    return [
      judgeDepth(isShallow, 'missing', deepen),
      problem(
        BASE,
        `${wanted} (by ${from}) and the head have no commit in common${isShallow ? ' in this shallow clone' : ''}`,
        isShallow ? deepen : 'Histories that never met cannot be compared: name another base as NX_BASE.',
      ),
    ];
  }
  return [
    judgeDepth(isShallow, 'found', deepen),
    await judgeBase(git, { head, base, from, wanted, isCi, isShallow }),
  ];
}

async function judgeBase(
  git: Git,
  options: {
    readonly head: string;
    readonly base: string;
    readonly from: string;
    readonly wanted: string;
    readonly isCi: boolean;
    readonly isShallow: boolean;
  },
): Promise<Finding> {
  const { head, base, from, wanted, isCi, isShallow } = options;
  const found = `${wanted} at ${base.slice(0, 7)}, by ${from}`;
  // On a laptop the work tree has changes of its own.
  if (base !== head || !isCi) return ok(BASE, found);
  if (!isShallow && (await commitOf(git, `${head}^`)) === undefined) {
    return warning(
      BASE,
      `${found}: this is the first commit, so nothing counts as affected`,
      `NX_BASE=${EMPTY_TREE} takes all projects.`,
    );
  }
  return warning(
    BASE,
    `${found}: that is the head itself, so nothing is affected`,
    'On the main branch, set NX_BASE to the last commit whose pipeline was green, or to HEAD~1.',
  );
}

function judgeDepth(isShallow: boolean, mergeBase: 'found' | 'missing' | 'unknown', deepen: string): Finding {
  if (!isShallow) return ok(HISTORY, 'whole');
  return mergeBase === 'missing'
    ? problem(HISTORY, 'a shallow clone, which does not reach back to the base', deepen)
    : warning(
        HISTORY,
        'a shallow clone: an older branch, or the locks of other branches (gc), may be out of reach',
        deepen,
      );
}

/** How a provider is told to clone all of the history. */
function deepening(system: CiSystem | undefined): string {
  const github = 'actions/checkout with "fetch-depth: 0"';
  const gitlab = 'the variable GIT_DEPTH: 0';
  const jenkins = 'in the Clone options of the branch source, no "Shallow clone", and fetch all branches';
  switch (system) {
    case 'github':
      return `Check out by ${github}.`;
    case 'gitlab':
      return `Give the job ${gitlab}. A runner that has kept its folder may need GIT_STRATEGY: clone once.`;
    case 'jenkins':
      return `Set ${jenkins}.`;
    default:
      return `git fetch --unshallow. In CI: ${github}; GitLab: ${gitlab}; Jenkins: ${jenkins}.`;
  }
}

async function firstCommit(git: Git, revisions: readonly string[]): Promise<string | undefined> {
  for (const revision of revisions) {
    const commit = await commitOf(git, revision);
    if (commit !== undefined) return commit;
  }
  return undefined;
}

async function commitOf(git: Git, revision: string): Promise<string | undefined> {
  const { exitCode, stdout } = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  );
  return exitCode === 0 ? stdout : undefined;
}

/** As Nx reads it. */
async function defaultBase(workspaceRoot: string): Promise<string> {
  const text = await readFile(join(workspaceRoot, 'nx.json'), 'utf8').catch(() => '{}');
  const nx = (parse(text) ?? {}) as { defaultBase?: string; affected?: { defaultBase?: string } };
  return nx.defaultBase ?? nx.affected?.defaultBase ?? 'main';
}
