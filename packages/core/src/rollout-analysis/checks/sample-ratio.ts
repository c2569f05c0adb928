import { chiSquareTail } from '../../statistics/distributions/chi-square';
import type { AnalysisCheck } from '../analysis-check';
import type { TrafficCounters } from '../traffic-record';
import { counted, percent } from '../wording';

/** By convention; at this level a hundred looks at sound traffic raise one hold in a hundred, which then resolves. */
const ALARM = 0.001;
/** Below this chi-square is no chi-square. */
const LEAST_EXPECTED = 5;

/**
 * Whether the candidate got the share of traffic that it was to get. If not, whoever is missing may be just those for
 * whom it works badly, so nothing else is worth reading.
 *
 * @param share that the candidate was to get, in (0, 1)
 * @returns undefined when there is too little traffic to tell
 */
export function checkSampleRatio(
  candidate: TrafficCounters,
  champion: TrafficCounters,
  share: number,
): AnalysisCheck | undefined {
  const bySubjects = candidate.subjects !== undefined && champion.subjects !== undefined;
  const [own, other] = bySubjects
    ? [candidate.subjects as number, champion.subjects as number]
    : [candidate.requests, champion.requests];
  const total = own + other;
  const expected = [total * share, total * (1 - share)] as const;
  if (Math.min(...expected) < LEAST_EXPECTED) return undefined;
  const squares = (own - expected[0]) ** 2;
  const p = chiSquareTail(squares / expected[0] + squares / expected[1], 1);
  const isOff = p < ALARM;
  const unit = bySubjects ? 'subject' : 'request';
  return {
    name: 'sample-ratio',
    verdict: isOff ? 'inconclusive' : 'pass',
    observed: own / total,
    allowed: share,
    because: isOff
      ? `the candidate got ${percent(own / total)} of ${counted(total, unit)}, not ${percent(share)} (chi-square p ${p.toExponential(1)}): traffic is lost or routed wrongly, so nothing else is read`
      : `the candidate got ${percent(own / total)} of ${counted(total, unit)}, as planned`,
  };
}
