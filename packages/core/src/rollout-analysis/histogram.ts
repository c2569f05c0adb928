import { z } from 'zod';

/** The longest histogram that is read; a server's have some dozens of bins. */
const MAX_BOUNDS = 1000;

const count = z.int().min(0);

/**
 * Counts of numbers by bin. Bin i holds what is above `bounds[i - 1]` and at most `bounds[i]`, as Prometheus has it, but
 * each for itself, not summed up; one count more than bounds holds what is above the last.
 */
export const histogramSchema = z
  .strictObject({
    bounds: z.array(z.number()).max(MAX_BOUNDS),
    counts: z.array(count),
  })
  .refine(({ bounds, counts }) => counts.length === bounds.length + 1, {
    error: 'needs one count more than bounds: the last is of what is above them all',
    path: ['counts'],
  })
  .refine(
    ({ bounds }) => bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] as number)),
    {
      error: 'must increase',
      path: ['bounds'],
    },
  );
export type Histogram = z.infer<typeof histogramSchema>;

export function totalOf({ counts }: Histogram): number {
  return counts.reduce((sum, each) => sum + each, 0);
}

/**
 * Adds up two histograms. Where their bounds differ, as after an upgrade of the server, on the bounds that both have:
 * that is coarser but exact. So the order in which many are added does not matter.
 */
export function addHistograms(a: Histogram, b: Histogram): Histogram {
  const [left, right] = onCommonBounds(a, b);
  return {
    bounds: left.bounds,
    counts: left.counts.map((each, bin) => each + (right.counts[bin] as number)),
  };
}

/** Both on the bounds that both have. */
export function onCommonBounds(a: Histogram, b: Histogram): [Histogram, Histogram] {
  const others = new Set(b.bounds);
  const bounds = a.bounds.filter((bound) => others.has(bound));
  return [coarsened(a, bounds), coarsened(b, bounds)];
}

/** @param bounds some of the histogram's own */
function coarsened(histogram: Histogram, bounds: number[]): Histogram {
  if (bounds.length === histogram.bounds.length) return histogram;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let bin = 0;
  histogram.counts.forEach((each, index) => {
    counts[bin] = (counts[bin] as number) + each;
    if (histogram.bounds[index] === bounds[bin]) bin = Math.min(bin + 1, bounds.length);
  });
  return { bounds, counts };
}

/**
 * The value below which a share of the numbers lies, spread evenly within its bin; as Prometheus' `histogram_quantile`:
 * within the first bin from 0 on when its bound is above 0, and the last bound for what is above it.
 *
 * @param share in (0, 1)
 * @returns undefined without a number or a bound
 */
export function histogramQuantile(histogram: Histogram, share: number): number | undefined {
  const { bounds, counts } = histogram;
  const total = totalOf(histogram);
  if (total === 0 || bounds.length === 0) return undefined;
  const rank = share * total;
  let below = 0;
  for (const [bin, high] of bounds.entries()) {
    const inside = counts[bin] as number;
    if (below + inside >= rank) {
      const low = bin === 0 ? Math.min(0, high) : (bounds[bin - 1] as number);
      if (bin === 0 && high <= 0) return high;
      return inside === 0 ? high : low + ((high - low) * (rank - below)) / inside;
    }
    below += inside;
  }
  return bounds.at(-1);
}

/** Whether the quantile lies above the last bound, so that nothing more can be said of it. */
export function isBeyondBounds(histogram: Histogram, share: number): boolean {
  const total = totalOf(histogram);
  return total - (histogram.counts.at(-1) as number) < share * total;
}

/**
 * How many of the numbers are above a value, those of its bin spread evenly; the inverse of `histogramQuantile`.
 *
 * @param value at most the last bound; beyond it, what is above the last bound counts as above the value
 */
export function countAbove({ bounds, counts }: Histogram, value: number): number {
  let above = counts.at(-1) as number;
  for (let bin = bounds.length - 1; bin >= 0; bin--) {
    const high = bounds[bin] as number;
    const low = bin === 0 ? Math.min(0, high) : (bounds[bin - 1] as number);
    const inside = counts[bin] as number;
    if (value >= high) return above;
    if (value > low) return above + (inside * (high - value)) / (high - low);
    above += inside;
  }
  return above;
}
