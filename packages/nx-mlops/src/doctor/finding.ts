/** How a check came out. Only a problem makes the doctor's answer no. */
export const verdicts = ['ok', 'warning', 'problem', 'skipped'] as const;
export type Verdict = (typeof verdicts)[number];

/** One row of the doctor's table. */
export interface Finding {
  /** What was looked at, such as `git history`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What is so; of a skipped one, why it was not looked at. Never a secret. */
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
}

export function ok(name: string, found: string): Finding {
  return { name, verdict: 'ok', found };
}

export function warning(name: string, found: string, mend?: string): Finding {
  return { name, verdict: 'warning', found, ...(mend === undefined ? {} : { mend }) };
}

export function problem(name: string, found: string, mend?: string): Finding {
  return { name, verdict: 'problem', found, ...(mend === undefined ? {} : { mend }) };
}

export function skipped(name: string, found: string): Finding {
  return { name, verdict: 'skipped', found };
}
