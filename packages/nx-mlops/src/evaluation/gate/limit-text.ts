import type { Interval } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import type { Limit } from './limits';
import { metricTitle } from './metric-title';
import { apart, intervalText } from './numbers-in-words';

/** `ROC AUC is 0.58, 0.02 below the minimum of 0.6` */
export function beyondText(metric: string, value: number, { kind, at }: Limit): string {
  const [shown, border] = apart(metric, value, at);
  return `${metricTitle(metric)} is ${shown}, ${formatMetric(metric, Math.abs(value - at))} ${kind === 'minimum' ? 'below' : 'above'} the ${kind} of ${border}`;
}

export function withinText(
  metric: string,
  value: number,
  interval: Interval | undefined,
  confidence: number,
): string {
  const around = interval === undefined ? '' : `, ${intervalText(interval, confidence)}`;
  return `${metricTitle(metric)} is ${formatMetric(metric, value)}${around}.`;
}
