import { LEAST_COMPARED, type AnalysisCheck } from '../analysis-check';
import type { Comparison } from '../comparison';
import { increaseBounds, showsIncrease } from '../shows-increase';
import { percent, points } from '../wording';

/**
 * Whether the candidate fails more requests than the champion in the same time, by more than is allowed. A difference of
 * shares, not their ratio, so that one error against none is no infinity.
 *
 * It fails when the difference is above what is allowed at every look at once (95 %, one-sided), which may be long before
 * the step has its requests. It passes when the difference as seen is within; between the two it is inconclusive.
 *
 * @param allowed in [0, 1]
 */
export function checkErrorRate(
  { candidate, champion, planned, reference }: Comparison,
  allowed: number,
): AnalysisCheck {
  const name = 'error-rate';
  if (candidate.requests === 0) {
    return { name, verdict: 'inconclusive', allowed, because: 'the candidate answered no request' };
  }
  const own = { successes: candidate.errors, trials: candidate.requests };
  if (champion === undefined || champion.requests === 0) {
    const rate = percent(own.successes / own.trials);
    return {
      name,
      verdict: 'inconclusive',
      allowed,
      because: `${rate} of the candidate's requests failed; the champion answered none, so there is nothing to compare with`,
    };
  }
  const other = { successes: champion.errors, trials: champion.requests };
  const difference = own.successes / own.trials - other.successes / other.trials;
  const interval = increaseBounds(own, other, planned);
  const seen = `${percent(own.successes / own.trials)} failed against ${percent(other.successes / other.trials)}${reference}`;
  const of = { name, observed: difference, allowed, interval } as const;
  if (allowed < 1 && showsIncrease(own, other, allowed, planned)) {
    return {
      ...of,
      verdict: 'fail',
      because: `${seen}: ${points(difference)}, at least ${points(interval.low)}, where ${points(allowed)} is allowed`,
    };
  }
  if (Math.min(own.trials, other.trials) < LEAST_COMPARED) {
    return {
      ...of,
      verdict: 'inconclusive',
      because: `${seen}, of fewer than ${LEAST_COMPARED} requests`,
    };
  }
  if (difference > allowed) {
    return {
      ...of,
      verdict: 'inconclusive',
      because: `${seen}: ${points(difference)} is more than the ${points(allowed)} allowed, but chance could have done it`,
    };
  }
  return { ...of, verdict: 'pass', because: `${seen}: ${points(difference)} of ${points(allowed)} allowed` };
}
