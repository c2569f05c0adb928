import type { AnalysisPlan } from '../../registry/rollout/plan';
import { mixtureReach } from '../../statistics/sequential/mixture-test';
import { ALPHA, type AnalysisCheck } from '../analysis-check';
import type { Comparison } from '../comparison';
import { short } from '../wording';
import { outcomeDifference, type OutcomeDifference } from './outcome-difference';

/** The effect that the test is best at, in standard errors at the first look, where the margin is 0. */
const USUAL_EFFECT = 0.5;

/**
 * Whether a labelled metric of the candidate is as good as the champion's but for the margin. By a confidence sequence (95 %
 * to each side), so that looking often does no harm: it passes when the whole sequence is above −margin, fails when the
 * whole is below, and is inconclusive between.
 */
export function checkMetric(
  { candidate, champion }: Comparison,
  { name: metric, margin, direction }: NonNullable<AnalysisPlan['metric']>,
): AnalysisCheck {
  const name = 'metric';
  const found = outcomeDifference(candidate, champion, metric, direction);
  if (typeof found === 'string') return { name, verdict: 'inconclusive', because: found };
  const { difference, variance } = found;
  const effect = margin > 0 ? margin : USUAL_EFFECT * firstStandardError(found);
  const reach = mixtureReach(variance, effect, 2 * ALPHA);
  const interval = { low: difference - reach, high: difference + reach };
  const verdict = interval.low > -margin ? 'pass' : interval.high < -margin ? 'fail' : 'inconclusive';
  const better = direction === 'lower' ? ' (lower is better, so more than 0 is an improvement)' : '';
  return {
    name,
    verdict,
    observed: difference,
    allowed: -margin,
    interval,
    because: `${metric} differs by ${short(difference)}, between ${short(interval.low)} and ${short(interval.high)}${better}; ${short(-margin)} is as good`,
  };
}

/** At a hundred outcomes of each, which the data fix well and later ones hardly change. */
function firstStandardError({ candidate, champion, variance }: OutcomeDifference): number {
  const information = 1 / (1 / candidate.n + 1 / champion.n);
  return Math.sqrt((variance * information) / 50);
}
