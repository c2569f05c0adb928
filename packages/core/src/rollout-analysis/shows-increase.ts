import {
  proportionDifferenceBounds,
  proportionDifferenceRoot,
  type ProportionCounts,
} from '../statistics/intervals/proportion-difference';
import { timeUniformQuantile } from '../statistics/sequential/time-uniform-quantile';
import { ALPHA } from './analysis-check';
import { informationOf } from './comparison';

/** Counts are whole: half of one more or less is within what was seen. */
const HALF = 0.5;

/**
 * Whether the candidate has the larger share by more than is allowed, judged so that any number of looks as the counts grow
 * finds that in at most 5 % of the cases in which it is not so.
 *
 * @param allowed difference, in [0, 1)
 * @param planned the information at which the judgement is sharpest
 */
export function showsIncrease(
  candidate: ProportionCounts,
  champion: ProportionCounts,
  allowed: number,
  planned: number,
): boolean {
  const least = withSuccesses(candidate, candidate.successes - HALF);
  return proportionDifferenceRoot(least, champion, allowed) >= quantileOf(candidate, champion, planned);
}

/** Where the difference lies, at all looks at once but for 5 % of the cases to each side. */
export function increaseBounds(
  candidate: ProportionCounts,
  champion: ProportionCounts,
  planned: number,
): { readonly low: number; readonly high: number } {
  const quantile = quantileOf(candidate, champion, planned);
  const [least, most] = [-HALF, HALF].map((by) => withSuccesses(candidate, candidate.successes + by)) as [
    ProportionCounts,
    ProportionCounts,
  ];
  return {
    low: proportionDifferenceBounds(least, champion, quantile).low,
    high: proportionDifferenceBounds(most, champion, quantile).high,
  };
}

function quantileOf(candidate: ProportionCounts, champion: ProportionCounts, planned: number): number {
  return timeUniformQuantile(informationOf(candidate.trials, champion.trials), planned, ALPHA);
}

function withSuccesses({ trials }: ProportionCounts, successes: number): ProportionCounts {
  return { trials, successes: Math.min(trials, Math.max(0, successes)) };
}
