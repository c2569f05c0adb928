/** What the model's branch is compared with, as a person or a CI system names it. */
export interface BaseRevision {
  /** Names of the same commit, tried in order: a clone of CI often has `origin/main` and no `main`. */
  readonly candidates: readonly string[];
  /** Where it was said, for messages. */
  readonly from: string;
}

/** Variables in which CI systems name the base of a pull request: a commit, or a branch of the remote. */
const ciVariables = [
  { name: 'GITHUB_BASE_REF', isBranch: true },
  { name: 'CI_MERGE_REQUEST_DIFF_BASE_SHA', isBranch: false },
  { name: 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME', isBranch: true },
  { name: 'CHANGE_TARGET', isBranch: true },
] as const;

/**
 * The base by the option, else `NX_BASE`, else what GitHub, GitLab or Jenkins say, else `defaultBase` of nx.json.
 *
 * @param option of the gate executor
 */
export function baseRevision(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  defaultBase: string,
): BaseRevision {
  const said = (name: string) => (env[name] === '' ? undefined : env[name]);
  if (option !== undefined) return { candidates: [option, `origin/${option}`], from: '--base' };
  const nxBase = said('NX_BASE');
  if (nxBase !== undefined) return { candidates: [nxBase, `origin/${nxBase}`], from: 'NX_BASE' };
  for (const { name, isBranch } of ciVariables) {
    const value = said(name);
    if (value === undefined) continue;
    // The remote's branch is the one that is merged into; a local one of that name may be old.
    return { candidates: isBranch ? [`origin/${value}`, value] : [value], from: name };
  }
  return { candidates: [defaultBase, `origin/${defaultBase}`], from: 'defaultBase of nx.json' };
}
