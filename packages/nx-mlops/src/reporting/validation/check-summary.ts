import { plural } from '../format';
import type { CheckResult, Profile, Validation } from '@nx-mlops/core';

export type Verdict = CheckResult['verdict'];

/** The worst first. */
export const verdictsByWeight: readonly Verdict[] = ['fail', 'warn', 'info', 'skip', 'pass'];

/** What a verdict is called beside a check. */
export const verdictNames: { readonly [verdict in Verdict]: string } = {
  fail: 'failed',
  warn: 'warning',
  info: 'info',
  skip: 'skipped',
  pass: 'passed',
};

/** Checks of the given verdicts, the worst first, else in their order. */
export function checksOf(checks: readonly CheckResult[], ...verdicts: readonly Verdict[]): CheckResult[] {
  return checks
    .filter(({ verdict }) => verdicts.includes(verdict))
    .sort((a, b) => verdictsByWeight.indexOf(a.verdict) - verdictsByWeight.indexOf(b.verdict));
}

export function countOf(checks: readonly CheckResult[], verdict: Verdict): number {
  return checks.filter((check) => check.verdict === verdict).length;
}

/** `2 checks failed, 1 warned; 40 passed`. */
export function countsSentence(checks: readonly CheckResult[]): string {
  const [failed, warned, info, skipped, passed] = verdictsByWeight.map((verdict) => countOf(checks, verdict));
  const notable = [
    ...(failed ? [`${plural(failed, 'check')} failed`] : []),
    ...(warned ? [plural(warned, 'warning')] : []),
    ...(info ? [`${info} for information`] : []),
    ...(skipped ? [`${skipped} could not be judged`] : []),
  ];
  return [
    ...notable,
    `${notable.length === 0 ? plural(passed ?? 0, 'check') : String(passed ?? 0)} passed`,
  ].join(', ');
}

/** A split in the summary of a report. */
export interface SplitSummary {
  readonly split: string;
  /** Absent where the split was not profiled. */
  readonly profile: Profile | undefined;
  readonly counts: { readonly [verdict in Verdict]: number };
}

/** Each split that was profiled or checked, in the order in which profiles and checks name them. */
export function splitSummaries(validation: Validation, profiles: readonly Profile[]): SplitSummary[] {
  const names = new Set([...profiles, ...validation.checks].map(({ split }) => split));
  return [...names].map((split) => {
    const own = validation.checks.filter((check) => check.split === split);
    const count = (verdict: Verdict) => countOf(own, verdict);
    return {
      split,
      profile: profiles.find((profile) => profile.split === split),
      counts: {
        fail: count('fail'),
        warn: count('warn'),
        info: count('info'),
        skip: count('skip'),
        pass: count('pass'),
      },
    };
  });
}

/** `test.distance`, or the split alone for a check of the whole. */
export function placeOf({ split, column }: Pick<CheckResult, 'split' | 'column'>): string {
  return column === undefined ? split : `${split}.${column}`;
}

/** What a check measured beside what it was held against; nothing where it compared no numbers. */
export function measuredText(
  { measured, limit }: CheckResult,
  format: (value: number) => string,
): string | undefined {
  if (measured === undefined) return undefined;
  return limit === undefined
    ? `measured ${format(measured)}`
    : `measured ${format(measured)}, limit ${format(limit)}`;
}
