import { performanceMetricDefinitions, type Interval, type PerformanceMetricName } from '@nx-mlops/core';
import { formatBytes, formatCount, formatNumber } from '../../reporting/format';

/** A metric's value with its unit where it has one. */
export function metricText(metric: string, value: number): string {
  if (!Object.hasOwn(performanceMetricDefinitions, metric)) return formatNumber(value);
  switch (performanceMetricDefinitions[metric as PerformanceMetricName].unit) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return `${formatNumber(value)} ms`;
    case 'rows/s':
      return `${formatCount(value)} rows/s`;
  }
}

/** Two values of a metric, told in full where rounding would make them look alike. */
export function apart(metric: string, a: number, b: number): [string, string] {
  const texts: [string, string] = [metricText(metric, a), metricText(metric, b)];
  return a !== b && texts[0] === texts[1] ? [String(a), String(b)] : texts;
}

/** A share as whole or tenths of a per cent: `95 %`, `99.5 %`. */
export function percentText(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `95 % interval 0.64 to 0.66` */
export function intervalText({ low, high }: Pick<Interval, 'low' | 'high'>, confidence: number): string {
  return `${percentText(confidence)} interval ${formatNumber(low)} to ${formatNumber(high)}`;
}
