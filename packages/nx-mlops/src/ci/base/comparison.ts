import type { CiEvent } from './ci-event';

/** What HEAD is compared with, and why; `because` is a whole sentence. */
export type Comparison =
  | { readonly kind: 'merge-base'; readonly branch: string; readonly because: string }
  /** With the last commit of the branch whose pipeline was green. */
  | { readonly kind: 'last-green'; readonly branch: string; readonly because: string }
  | { readonly kind: 'everything'; readonly because: string };

export function comparisonOf(event: CiEvent, defaultBranch: string): Comparison {
  switch (event.kind) {
    case 'change-request':
      return {
        kind: 'merge-base',
        branch: event.target,
        because: `A request to merge into ${event.target}: what it changes since it left that branch.`,
      };
    case 'push':
      if (event.isForced) {
        return {
          kind: 'everything',
          because: `${event.branch} was pushed by force: what was built of the commits that it left may differ anywhere.`,
        };
      }
      return {
        kind: 'last-green',
        branch: event.branch,
        because: `A push to ${event.branch}: what changed since its last green pipeline.`,
      };
    case 'tag':
      return { kind: 'everything', because: `The tag ${event.tag} stands for all of its commit.` };
    case 'schedule':
      return { kind: 'everything', because: 'A scheduled pipeline looks at everything.' };
    case 'none':
      return {
        kind: 'merge-base',
        branch: defaultBranch,
        because: `No pipeline: what changed since ${defaultBranch}.`,
      };
  }
}

/** How a commit stands to HEAD. */
export type Relation =
  | 'same'
  | 'ancestor'
  | 'descendant'
  /** In another line of history, as after a push by force. */
  | 'unrelated'
  /** In no history that the remote still gives out. */
  | 'gone';

/** What a commit before HEAD whose pipeline was green means for the base. */
export type GreenVerdict =
  | { readonly kind: 'base'; readonly because: string }
  | { readonly kind: 'everything'; readonly because: string };

/** Who runs a pipeline again wants what it did the first time: HEAD itself and what comes after it say nothing. */
export function judgeGreen(
  sha: string,
  relation: Exclude<Relation, 'same' | 'descendant'>,
  branch: string,
): GreenVerdict {
  const short = sha.slice(0, 9);
  switch (relation) {
    case 'ancestor':
      return { kind: 'base', because: `${short} is the last commit of ${branch} whose pipeline was green.` };
    case 'unrelated':
      return {
        kind: 'everything',
        because: `${short}, the last green commit of ${branch}, is no ancestor of this one (a push by force?): what was built of it may differ anywhere.`,
      };
    case 'gone':
      return {
        kind: 'everything',
        because: `${short}, the last green commit of ${branch}, is gone: what was built of it may differ anywhere.`,
      };
  }
}
