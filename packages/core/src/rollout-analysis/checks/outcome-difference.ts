import { LEAST_COMPARED } from '../analysis-check';
import type { OutcomeSums, TrafficCounters } from '../traffic-record';
import { counted } from '../wording';

/** Of the means of a labelled metric, so that more is better. */
export interface OutcomeDifference {
  readonly candidate: OutcomeSums;
  readonly champion: OutcomeSums;
  /** Candidate less champion, negated where lower is better. */
  readonly difference: number;
  /** Of the difference, as estimated; > 0. */
  readonly variance: number;
}

/** @returns a sentence where there is too little to compare */
export function outcomeDifference(
  candidate: TrafficCounters,
  champion: TrafficCounters | undefined,
  metric: string,
  direction: 'higher' | 'lower',
): OutcomeDifference | string {
  const own = outcomesOf(candidate, metric);
  const other = outcomesOf(champion, metric);
  if (Math.min(own.n, other.n) < LEAST_COMPARED) {
    return `${counted(own.n)} labelled outcomes of "${metric}" against ${counted(other.n)}; fewer than ${LEAST_COMPARED} of each say nothing`;
  }
  const variance = varianceOfDifference(own, other);
  if (!(variance > 0)) return `the outcomes of "${metric}" are all the same, so there is no noise to go by`;
  const raw = own.sum / own.n - other.sum / other.n;
  return { candidate: own, champion: other, difference: direction === 'higher' ? raw : -raw, variance };
}

/**
 * Welch's, or that of both arms taken as one sample, whichever is larger: an arm in which a rare outcome has not come up
 * yet has no variance of its own, and would make the other look sure.
 */
function varianceOfDifference(a: OutcomeSums, b: OutcomeSums): number {
  const welch = varianceOf(a) / a.n + varianceOf(b) / b.n;
  const all = { n: a.n + b.n, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares };
  return Math.max(welch, varianceOf(all) * (1 / a.n + 1 / b.n));
}

function varianceOf({ n, sum, sumOfSquares }: OutcomeSums): number {
  return Math.max(0, (sumOfSquares - sum ** 2 / n) / (n - 1));
}

function outcomesOf(counters: TrafficCounters | undefined, metric: string): OutcomeSums {
  const outcomes = counters?.outcomes;
  const own = outcomes !== undefined && Object.hasOwn(outcomes, metric) ? outcomes[metric] : undefined;
  return own ?? { n: 0, sum: 0, sumOfSquares: 0 };
}
