import type { AnalysisPlan } from '../../registry/rollout/plan';
import { jensenShannonDistance } from '../../statistics/distribution-distance';
import { timeUniformChiSquare } from '../../statistics/sequential/time-uniform-quantile';
import { LEAST_COMPARED, type AnalysisCheck } from '../analysis-check';
import { informationOf, type Comparison } from '../comparison';
import { onCommonBounds } from '../histogram';
import type { TrafficCounters } from '../traffic-record';
import { counted, short } from '../wording';

/** Of a candidate that predicts as the champion does, over all looks at a step. */
const ALPHA = 0.01;
/** Expected in the smaller sample; sparser bins are joined, or chi-square would not hold. */
const LEAST_EXPECTED = 5;

/**
 * Whether the candidate predicts otherwise than the champion does in the same time: the Jensen-Shannon distance (base 2, 0
 * to 1) of their scores, else of their classes, less what chance alone gives.
 *
 * Without a difference 8 ln 2 · n · distance² is chi-square distributed, n the information of the two samples. It fails when
 * the root of distance² less the most that chance gives at any look (99 %) reaches `fail`; it passes when the root of
 * distance² less what chance gives on average stays below; between the two it is inconclusive.
 *
 * @param mayFail false where the two were not measured in the same time, so that the hour may have made the difference
 * @returns undefined when neither version's predictions are counted
 */
export function checkDrift(
  { candidate, champion, planned, reference }: Comparison,
  { warn, fail }: AnalysisPlan['drift'],
  mayFail: boolean,
): AnalysisCheck | undefined {
  const name = 'drift';
  if (!hasPredictions(candidate) && (champion === undefined || !hasPredictions(champion))) return undefined;
  const pair = champion === undefined ? undefined : comparable(candidate, champion);
  if (pair === undefined) {
    return {
      name,
      verdict: 'inconclusive',
      allowed: fail,
      because: 'predictions of the same kind are not recorded of both versions',
    };
  }
  const [n, m] = [sum(pair.own), sum(pair.other)];
  if (Math.min(n, m) < LEAST_COMPARED) {
    return {
      name,
      verdict: 'inconclusive',
      allowed: fail,
      because: `${counted(n, 'prediction')} against ${counted(m)}; fewer than ${LEAST_COMPARED} say nothing`,
    };
  }
  const { own, other } = joinSparse(pair.own, pair.other, pair.isOrdered);
  const degrees = own.length - 1;
  if (degrees === 0) {
    return { name, verdict: 'pass', observed: 0, allowed: fail, because: 'all predictions are in one bin' };
  }
  const information = informationOf(n, m);
  const scale = 8 * Math.LN2 * information;
  const square = jensenShannonDistance(other, own) ** 2;
  const observed = Math.sqrt(Math.max(0, square - degrees / scale));
  const noise = timeUniformChiSquare(information, planned, degrees, ALPHA) / scale;
  const proven = Math.sqrt(Math.max(0, square - noise));
  const seen = `the predictions differ by ${short(observed)} from the champion's${reference} (Jensen-Shannon, less noise)`;
  const of = { name, observed, allowed: fail } as const;
  if (proven >= fail && mayFail) {
    return { ...of, verdict: 'fail', because: `${seen}, surely by ${short(proven)}; ${fail} is allowed` };
  }
  if (observed >= fail && mayFail) {
    return {
      ...of,
      verdict: 'inconclusive',
      because: `${seen}; ${fail} is allowed, but chance could have done it`,
    };
  }
  return proven >= warn
    ? { ...of, verdict: 'pass', warning: true, because: `${seen}: a warning from ${warn} on` }
    : { ...of, verdict: 'pass', because: `${seen}; ${fail} is allowed` };
}

function hasPredictions({ scores, classes }: TrafficCounters): boolean {
  return scores !== undefined || classes !== undefined;
}

interface Pair {
  readonly own: readonly number[];
  readonly other: readonly number[];
  /** Whether neighbours are alike, as those of a histogram are. */
  readonly isOrdered: boolean;
}

function comparable(candidate: TrafficCounters, champion: TrafficCounters): Pair | undefined {
  if (candidate.scores !== undefined && champion.scores !== undefined) {
    const [own, other] = onCommonBounds(candidate.scores, champion.scores);
    if (own.bounds.length > 0) return { own: own.counts, other: other.counts, isOrdered: true };
  }
  const { classes } = candidate;
  const others = champion.classes;
  if (classes === undefined || others === undefined) return undefined;
  const names = [...new Set([...Object.keys(classes), ...Object.keys(others)])].sort();
  const countsOf = (of: Readonly<Record<string, number>>) =>
    names.map((name) => (Object.hasOwn(of, name) ? (of[name] as number) : 0));
  return { own: countsOf(classes), other: countsOf(others), isOrdered: false };
}

/** Joins neighbours, or rare classes, until the smaller sample may expect enough in each bin. */
function joinSparse(
  own: readonly number[],
  other: readonly number[],
  isOrdered: boolean,
): { own: number[]; other: number[] } {
  const n = sum(own);
  const m = sum(other);
  // Of both together, so that a bin which only one of them fills is not hidden.
  const expected = (a: number, b: number) => (Math.min(n, m) * (a + b)) / (n + m);
  const bins = own.map((count, bin) => [count, other[bin] as number] as const);
  if (!isOrdered) bins.sort((a, b) => a[0] + a[1] - b[0] - b[1]);
  const joined: [number, number][] = [];
  let open: [number, number] = [0, 0];
  for (const [a, b] of bins) {
    open = [open[0] + a, open[1] + b];
    if (expected(...open) >= LEAST_EXPECTED) {
      joined.push(open);
      open = [0, 0];
    }
  }
  const last = joined.at(-1);
  if (last === undefined) joined.push(open);
  else joined[joined.length - 1] = [last[0] + open[0], last[1] + open[1]];
  return { own: joined.map(([a]) => a), other: joined.map(([, b]) => b) };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
