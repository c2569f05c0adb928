import type { AnalysisPlan } from '../../registry/rollout/plan';
import { LEAST_COMPARED, type AnalysisCheck } from '../analysis-check';
import type { Comparison } from '../comparison';
import { countAbove, histogramQuantile, isBeyondBounds, totalOf, type Histogram } from '../histogram';
import { showsIncrease } from '../shows-increase';
import { counted, milliseconds, percent } from '../wording';

const SHARE = 0.99;

/**
 * Whether the slowest hundredth of the candidate's answers is slower than allowed: than `maxMilliseconds` and than `factor`
 * times the champion's in the same time.
 *
 * A p99 of 300 requests hangs on three of them, so the judgement counts instead: one in a hundred of the champion's
 * requests is above its own p99; the candidate fails when significantly more of its own are above the limit, at every look
 * at once (95 %, one-sided). That p99 being measured too is allowed for, since a share above a sample's quantile spreads
 * like one of two samples (Mathisen's control quantile test, Annals of Mathematical Statistics 14, 1943).
 */
export function checkLatency(
  comparison: Comparison,
  { maxMilliseconds, factor }: AnalysisPlan['p99'],
): AnalysisCheck {
  const name = 'latency-p99';
  const { candidate, champion, planned, reference } = comparison;
  const own = candidate.latency;
  const observed = histogramQuantile(own, SHARE);
  if (observed === undefined) {
    return { name, verdict: 'inconclusive', because: 'no latency of the candidate is recorded' };
  }
  const limit = limitOf(champion?.latency, { maxMilliseconds, factor });
  if (limit === undefined) {
    return {
      name,
      verdict: 'inconclusive',
      observed,
      because: `p99 ${milliseconds(observed)}; the champion answered fewer than ${LEAST_COMPARED} requests, so there is nothing to compare with`,
    };
  }
  const { allowed, isLeast, championP99 } = limit;
  const requests = totalOf(own);
  const against =
    championP99 === undefined
      ? ''
      : ` against ${isLeast ? 'more than ' : ''}${milliseconds(championP99)}${reference}`;
  const isBeyond = isBeyondBounds(own, SHARE);
  const seen = `p99 ${isBeyond ? 'above ' : ''}${milliseconds(observed)}${against}`;
  const of = { name, observed, allowed } as const;
  const last = own.bounds.at(-1) as number;
  const above = countAbove(own, allowed);
  if (!isLeast && allowed <= last && champion !== undefined) {
    const others = totalOf(champion.latency);
    const expected = { successes: (1 - SHARE) * others, trials: others };
    if (showsIncrease({ successes: above, trials: requests }, expected, 0, planned)) {
      return {
        ...of,
        verdict: 'fail',
        because: `${seen}: ${percent(above / requests)} of ${counted(requests, 'request')} took more than the ${milliseconds(allowed)} allowed for 1 %`,
      };
    }
  }
  if (requests < LEAST_COMPARED) {
    return {
      ...of,
      verdict: 'inconclusive',
      because: `${seen}, of fewer than ${LEAST_COMPARED} requests`,
    };
  }
  if (above <= (1 - SHARE) * requests) {
    return { ...of, verdict: 'pass', because: `${seen}; ${milliseconds(allowed)} is allowed` };
  }
  const why = isLeast
    ? 'and how much the champion needs is not known'
    : allowed > last
      ? `and the last bound of the histogram, ${milliseconds(last)}, is below it`
      : 'but chance could have done it';
  return {
    ...of,
    verdict: 'inconclusive',
    because: `${seen}: more than the ${milliseconds(allowed)} allowed, ${why}`,
  };
}

/** Seconds. `isLeast` when the limit may be higher, the champion's p99 not being known: then nothing can fail. */
function limitOf(
  champion: Histogram | undefined,
  { maxMilliseconds, factor }: AnalysisPlan['p99'],
): { allowed: number; isLeast: boolean; championP99?: number } | undefined {
  const max = maxMilliseconds === undefined ? undefined : maxMilliseconds / 1000;
  const championP99 =
    champion === undefined || totalOf(champion) < LEAST_COMPARED
      ? undefined
      : histogramQuantile(champion, SHARE);
  if (champion === undefined || championP99 === undefined) {
    return max === undefined ? undefined : { allowed: max, isLeast: true };
  }
  return {
    allowed: Math.max(max ?? 0, factor * championP99),
    isLeast: isBeyondBounds(champion, SHARE),
    championP99,
  };
}
