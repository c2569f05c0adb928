import { MlopsError } from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { isSet } from '../../doctor/ci-system';
import { readState } from '../state';
import { ciEventOf, type CiEvent } from './ci-event';
import { CommitHistory } from './commit-history';
import { comparisonOf, judgeGreen, type Comparison, type Relation } from './comparison';
import { EMPTY_TREE } from './empty-tree';
import { greenCommits, type GreenRequest } from './green-commits';
import { ciFolder } from '../ci-folder';

export interface BaseRequest {
  /** Absolute. */
  readonly workspaceRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** The main branch of the workspace. */
  readonly defaultBranch: string;
  /** Any name of a commit; stands above everything else, as `head` does. */
  readonly base?: string | undefined;
  readonly head?: string | undefined;
  readonly all?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly retries?: GreenRequest['retries'];
}

export interface ResolvedBase {
  /** A commit, or git's empty tree for everything. */
  readonly base: string;
  /** A commit. */
  readonly head: string;
  /** A whole sentence. */
  readonly reason: string;
  /** That was pushed to, or is checked out on a laptop. */
  readonly branch?: string;
  /** A commit of the branch after this one whose pipeline was green before this one is done. */
  readonly later?: string;
}

/**
 * What `nx affected` compares: by options, else NX_BASE and NX_HEAD, else by what the CI system tells. What cannot be known is
 * everything.
 *
 * @throws MlopsError MLOPS_USAGE, MLOPS_CI_GIT
 */
export async function resolveBase(request: BaseRequest): Promise<ResolvedBase> {
  const { workspaceRoot, env, signal, print, defaultBranch } = request;
  if (request.all === true && request.base !== undefined) {
    throw new MlopsError('MLOPS_USAGE', 'Give one of --base and --all.');
  }
  const history = new CommitHistory(workspaceRoot, signal, print);
  const head = await history.commit(request.head ?? (isSet(env['NX_HEAD']) ? env['NX_HEAD'] : 'HEAD'));
  const event = await readCiEvent(env);
  const branch = await branchOf(event, history);
  const answer = (base: string, reason: string): ResolvedBase => ({
    base,
    head,
    reason,
    ...(branch === undefined ? {} : { branch }),
  });

  if (request.all === true) return answer(EMPTY_TREE, 'Everything, by --all.');
  const given = request.base ?? (isSet(env['NX_BASE']) ? env['NX_BASE'] : undefined);
  if (given !== undefined) {
    const base = given === EMPTY_TREE ? given : await history.commit(given);
    return answer(base, `The base was given by ${request.base === undefined ? 'NX_BASE' : '--base'}.`);
  }
  const comparison = comparisonOf(event, defaultBranch);
  const { base, reason, later } = await baseOf(comparison, head, history, request);
  return { ...answer(base, reason), ...(later === undefined ? {} : { later }) };
}

/** As the environment tells, with what GitHub keeps in a file. */
export async function readCiEvent(env: NodeJS.ProcessEnv): Promise<CiEvent> {
  const file = env['GITHUB_EVENT_PATH'];
  return ciEventOf(env, isSet(file) ? await readFile(file, 'utf8').catch(() => undefined) : undefined);
}

async function branchOf(event: CiEvent, history: CommitHistory): Promise<string | undefined> {
  switch (event.kind) {
    case 'push':
      return event.branch;
    case 'none':
      return history.currentBranch();
    default:
      return undefined;
  }
}

async function baseOf(
  comparison: Comparison,
  head: string,
  history: CommitHistory,
  request: BaseRequest,
): Promise<Pick<ResolvedBase, 'base' | 'reason' | 'later'>> {
  switch (comparison.kind) {
    case 'everything':
      return { base: EMPTY_TREE, reason: comparison.because };
    case 'merge-base': {
      const base = await history.mergeBase(head, comparison.branch);
      if (base !== undefined) return { base, reason: comparison.because };
      return {
        base: EMPTY_TREE,
        reason: `Git finds no commit that this one shares with ${comparison.branch}: everything.`,
      };
    }
    case 'last-green': {
      const { branch } = comparison;
      const { workspaceRoot, env, signal, print, retries } = request;
      const recorded = (await readState(workspaceRoot, print)).green[branch];
      const { commits, source } = await greenCommits({
        ...{ env, branch, recorded, signal, print },
        ...(retries === undefined ? {} : { retries }),
      });
      const asked = await newestGreen(commits, head, history);
      // A pipeline that waits for an approval is no success of the CI system's yet, though all was checked and deployed.
      const noted = await newestGreen(recorded === undefined ? [] : [recorded], head, history);
      const found = await laterOf(asked.green, noted.green, history);
      const later = asked.later ?? noted.later;
      const answer = (base: string, reason: string) => ({
        ...{ base, reason },
        ...(later === undefined ? {} : { later }),
      });
      if (found === undefined) {
        return answer(
          EMPTY_TREE,
          `${source} knows no green pipeline of ${branch} before this commit: everything.`,
        );
      }
      const verdict = judgeGreen(found.sha, found.relation, branch);
      const because = `${verdict.because} (${found === asked.green ? source : ciFolder.state})`;
      return answer(verdict.kind === 'base' ? found.sha : EMPTY_TREE, because);
    }
  }
}

interface Green {
  readonly sha: string;
  readonly relation: Exclude<Relation, 'same' | 'descendant'>;
}

/** The first of these commits that is not HEAD itself or after it, and one that is after it. */
async function newestGreen(
  commits: readonly string[],
  head: string,
  history: CommitHistory,
): Promise<{ readonly green?: Green; readonly later?: string }> {
  let later: string | undefined;
  for (const sha of commits) {
    const relation = await history.relation(sha, head);
    if (relation === 'descendant') later ??= sha;
    else if (relation !== 'same')
      return { green: { sha, relation }, ...(later === undefined ? {} : { later }) };
  }
  return later === undefined ? {} : { later };
}

/** Of two green commits the one that was built last; one that is no ancestor of HEAD stands above all, for it means everything. */
async function laterOf(
  a: Green | undefined,
  b: Green | undefined,
  history: CommitHistory,
): Promise<Green | undefined> {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.relation !== 'ancestor') return a;
  if (b.relation !== 'ancestor') return b;
  return (await history.relation(a.sha, b.sha)) === 'ancestor' ? b : a;
}
