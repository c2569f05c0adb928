import type { Experiment } from '../../registry/rollout/plan';
import { normalQuantile } from '../../statistics/distributions/normal';
import { mixtureReach } from '../../statistics/sequential/mixture-test';
import { splitAlpha } from '../../statistics/sequential/split-alpha';
import type { AnalysisCheck } from '../analysis-check';
import type { Comparison } from '../comparison';
import { counted, short } from '../wording';
import { outcomeDifference } from './outcome-difference';

/**
 * Whether an A/B test shows the candidate to be better (pass) or worse (fail).
 *
 * On the way to the planned sample by the mixture sequential test with a fifth of alpha, at any number of looks; when both
 * arms have the planned sample by one test of fixed size with the rest. If that shows nothing either, the experiment is
 * over: more of it would be looking until chance obliges. Both are two-sided.
 *
 * @returns `isOver` when it ended without a difference, the verdict then being inconclusive
 */
export function checkExperiment(
  { candidate, champion }: Comparison,
  { metric, direction, minimumEffect, alpha, plannedSample }: Experiment,
): { readonly check: AnalysisCheck; readonly isOver: boolean } {
  const name = 'experiment';
  const found = outcomeDifference(candidate, champion, metric, direction);
  if (typeof found === 'string') {
    return { check: { name, verdict: 'inconclusive', because: found }, isOver: false };
  }
  const { difference, variance } = found;
  const { early, final } = splitAlpha(alpha);
  const subjects = Math.min(found.candidate.n, found.champion.n);
  const isEnd = subjects >= plannedSample;
  const reach = isEnd
    ? normalQuantile(1 - final / 2) * Math.sqrt(variance)
    : mixtureReach(variance, minimumEffect, early);
  const interval = { low: difference - reach, high: difference + reach };
  const verdict = interval.low > 0 ? 'pass' : interval.high < 0 ? 'fail' : 'inconclusive';
  const gain = `${metric} ${direction === 'lower' ? 'falls' : 'rises'} by ${short(difference)}, between ${short(interval.low)} and ${short(interval.high)}`;
  const because = {
    pass: `the candidate is better: ${gain}`,
    fail: `the candidate is worse: ${gain}`,
    inconclusive: isEnd
      ? `no difference is shown by the ${counted(plannedSample)} subjects in each arm that were planned: ${gain}${interval.high < minimumEffect ? `, so a gain of ${short(minimumEffect)} is unlikely` : ''}`
      : `${counted(subjects)} of ${counted(plannedSample)} subjects in each arm: ${gain}`,
  }[verdict];
  return {
    check: { name, verdict, observed: difference, allowed: 0, interval, because },
    isOver: isEnd && verdict === 'inconclusive',
  };
}
