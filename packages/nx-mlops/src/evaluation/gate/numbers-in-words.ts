import type { Interval } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import { formatNumber } from '../../reporting/format';

/** Two values of a metric, told in full where rounding would make them look alike. */
export function apart(metric: string, a: number, b: number): [string, string] {
  const texts: [string, string] = [formatMetric(metric, a), formatMetric(metric, b)];
  return a !== b && texts[0] === texts[1] ? [String(a), String(b)] : texts;
}

/** `95 % interval 0.64 to 0.66` */
export function intervalText({ low, high }: Pick<Interval, 'low' | 'high'>, confidence: number): string {
  return `${Number((confidence * 100).toFixed(1))} % interval ${formatNumber(low)} to ${formatNumber(high)}`;
}
