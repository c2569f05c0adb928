import type { WeightedMetric } from './weighted-metric';

/** A scale on which a metric has no border near, so that its distribution is closer to a normal one. */
interface Scale {
  readonly to: (value: number) => number;
  readonly from: (scaled: number) => number;
  /** Derivative of `to`. */
  readonly slope: (value: number) => number;
}

/**
 * Interval around a value by its standard error, taken on the scale that fits the metric's range: the logit for shares,
 * Fisher's z for correlations, the logarithm for losses. So it is asymmetric as the metric is near its border, and never
 * leaves the range. docs/decisions/0011 has the coverage.
 *
 * @param quantile how many standard errors to each side, such as 1.96
 * @returns undefined where the value lies on its border or has no standard error above 0: then this says nothing
 */
export function transformedInterval(
  value: number,
  standardError: number,
  quantile: number,
  range: WeightedMetric['range'],
): { readonly low: number; readonly high: number } | undefined {
  if (!(standardError > 0) || value <= range[0] || value >= range[1]) return undefined;
  const { to, from, slope } = scaleOf(range);
  const reach = quantile * standardError * Math.abs(slope(value));
  const ends = [from(to(value) - reach), from(to(value) + reach)];
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

function scaleOf([smallest, largest]: WeightedMetric['range']): Scale {
  if (smallest === -Infinity && largest === Infinity) {
    return { to: (value) => value, from: (scaled) => scaled, slope: () => 1 };
  }
  if (largest === Infinity) {
    return {
      to: (value) => Math.log(value - smallest),
      from: (scaled) => smallest + Math.exp(scaled),
      slope: (value) => 1 / (value - smallest),
    };
  }
  if (smallest === -Infinity) {
    return {
      to: (value) => Math.log(largest - value),
      from: (scaled) => largest - Math.exp(scaled),
      slope: (value) => -1 / (largest - value),
    };
  }
  // The logit of the place within the range; of a correlation, from -1 to 1, it is twice Fisher's z.
  const width = largest - smallest;
  return {
    to: (value) => Math.log((value - smallest) / (largest - value)),
    from: (scaled) => smallest + width / (1 + Math.exp(-scaled)),
    slope: (value) => width / ((value - smallest) * (largest - value)),
  };
}
