import type { RandomSource } from '../statistics/distributions/random-source';
import type { Histogram } from './histogram';
import type { OutcomeSums, TrafficCounters } from './traffic-record';

/** Counts of successes in n trials, by the inverse of the distribution; the table makes millions of them cheap. */
export function binomialSource(n: number, probability: number, random: RandomSource): () => number {
  const cumulative: number[] = [];
  let mass = (1 - probability) ** n;
  let sum = 0;
  for (let k = 0; k <= n && sum < 1 - 1e-14; k++) {
    sum += mass;
    cumulative.push(sum);
    mass *= ((n - k) / (k + 1)) * (probability / (1 - probability));
  }
  return () => {
    const u = random.unit();
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) < u) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** By Box and Muller. */
export function normalSource(random: RandomSource): () => number {
  const { sqrt, log, cos, PI } = Math;
  return () => sqrt(-2 * log(1 - random.unit())) * cos(2 * PI * random.unit());
}

/** The buckets of the server's latency, in seconds. */
export const latencyBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return { bounds: [...bounds], counts: new Array<number>(bounds.length + 1).fill(0) };
}

export function observe(histogram: Histogram, value: number): void {
  const index = histogram.bounds.findIndex((bound) => value <= bound);
  const bin = index === -1 ? histogram.bounds.length : index;
  histogram.counts[bin] = (histogram.counts[bin] as number) + 1;
}

/** So many requests, all answered within 5 to 10 ms unless told otherwise. */
export function counters(requests: number, of: Partial<TrafficCounters> = {}): TrafficCounters {
  const latency = emptyHistogram(latencyBounds);
  latency.counts[4] = requests - (of.errors ?? 0);
  return { requests, errors: 0, latency, ...of };
}

/** Outcomes of 0 or 1. */
export function yesOrNo(n: number, yes: number): OutcomeSums {
  return { n, sum: yes, sumOfSquares: yes };
}
