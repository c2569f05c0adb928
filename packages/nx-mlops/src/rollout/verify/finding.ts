import type { Verdict } from '@nx-mlops/core';

/** What one check of a version came to. */
export interface Finding {
  readonly verdict: Verdict;
  /** A clause for the summary; what is wrong and how to mend it where it is no pass. Empty for nothing worth saying. */
  readonly says: string;
}

export const pass = (says = ''): Finding => finding('pass', says);
export const fail = (says: string): Finding => finding('fail', says);
export const inconclusive = (says: string): Finding => finding('inconclusive', says);

/** Without a final dot, since more may be said after it. */
function finding(verdict: Verdict, says: string): Finding {
  return { verdict, says: says.replace(/\.$/, '') };
}
