import type { BaseRevision } from './base-revision';
import type { Git } from './git';

/** The commit that the branch left from, or why it cannot be told, in a sentence that says how to mend it. */
export type MergeBase = { readonly commit: string; readonly isShallow: boolean } | { readonly none: string };

/** How a clone gets its whole history, for messages. */
export const fetchWholeHistory =
  'Fetch the whole history: fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab, or git fetch --unshallow.';

/** The merge base of HEAD and the base revision. */
export async function findMergeBase(git: Git, { candidates, from }: BaseRevision): Promise<MergeBase> {
  const shallow = await git('rev-parse', '--is-shallow-repository');
  if (shallow.code !== 0)
    return { none: 'This workspace is in no git repository, so there is no merge base.' };
  const isShallow = shallow.output === 'true';
  const remedy = isShallow ? ` This clone is shallow. ${fetchWholeHistory}` : '';

  let known: string | undefined;
  for (const candidate of candidates) {
    // Such a name would be taken for an option.
    if (candidate.startsWith('-')) continue;
    const found = await git('rev-parse', '--verify', '--quiet', `${candidate}^{commit}`);
    if (found.code !== 0) continue;
    known = candidate;
    break;
  }
  if (known === undefined) {
    return {
      none: `${candidates[0]} (${from}) is no commit in this clone, so there is no merge base.${remedy || ' Fetch it, or say what to compare with: --base=<branch>.'}`,
    };
  }
  const base = await git('merge-base', 'HEAD', known);
  if (base.code !== 0 || base.output === '') {
    return { none: `HEAD and ${known} (${from}) have no commit in common in this clone.${remedy}` };
  }
  // Of several, as after a criss-cross merge, git names the best first.
  return { commit: base.output.split('\n')[0] as string, isShallow };
}

/** Whether a commit is the other or an ancestor of it; undefined where this clone does not know it. */
export async function isInHistoryOf(git: Git, commit: string, of: string): Promise<boolean | undefined> {
  const { code } = await git('merge-base', '--is-ancestor', commit, of);
  return code === 0 ? true : code === 1 ? false : undefined;
}
