import type { GateConfig, Interval } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import { formatCount } from '../../reporting/format';
import type { Judgement } from './judgement';
import type { JudgedModel } from './judged-model';
import { beyondText, withinText } from './limit-text';
import { isBeyond, limitsOf, type Limit } from './limits';
import { metricTitle } from './metric-title';
import { intervalText } from './numbers-in-words';
import { isPerformanceMetric, performanceValue } from './performance-value';
import { withoutValue } from './undefined-metric';

/**
 * `min` and `max` over all rows. Fails when the value is beyond; is inconclusive when the value is within and its
 * confidence interval reaches beyond; passes when the whole interval is within, or when there is none.
 */
export function judgeLimit(gate: GateConfig, model: JudgedModel): Judgement {
  const { evaluation } = model;
  const value = valueOf(gate.metric, model);
  if (value === undefined || value === null) return withoutValue(gate.metric, value, evaluation);
  const interval = evaluation.intervals[gate.metric];
  const found = { value, ...(interval === undefined ? {} : { interval }) };
  const limits = limitsOf(gate);

  const broken = limits.find((limit) => isBeyond(limit, value));
  if (broken !== undefined) {
    const around = interval === undefined ? '' : ` (${intervalText(interval, evaluation.confidence)})`;
    return { ...found, verdict: 'fail', because: `${beyondText(gate.metric, value, broken)}${around}.` };
  }
  const reached =
    interval === undefined ? undefined : limits.find((limit) => isBeyond(limit, boundAt(limit, interval)));
  if (interval !== undefined && reached !== undefined) {
    return {
      ...found,
      verdict: 'inconclusive',
      because: `${metricTitle(gate.metric)} is ${formatMetric(gate.metric, value)}, within the ${reached.kind} of ${formatMetric(gate.metric, reached.at)}, but its ${intervalText(interval, evaluation.confidence)} reaches beyond. ${rowsText(evaluation.test.rows, value, interval, reached)}`,
    };
  }
  return {
    ...found,
    verdict: 'pass',
    because: withinText(gate.metric, value, interval, evaluation.confidence),
  };
}

/** Of predictions, of a script, or of performance; the size of the file is known without a measurement. */
function valueOf(metric: string, { evaluation, performance }: JudgedModel): number | null | undefined {
  if (!isPerformanceMetric(metric)) return evaluation.metrics[metric];
  return performanceValue(metric, { performance, modelSize: evaluation.modelSize });
}

/** The end of an interval on the side of a limit. */
function boundAt({ kind }: Limit, { low, high }: Interval): number {
  return kind === 'minimum' ? low : high;
}

/** An interval narrows with the root of the rows, so this many would bring it within the limit at the same value. */
function rowsText(rows: number, value: number, interval: Interval, limit: Limit): string {
  const room = Math.abs(value - limit.at);
  if (room === 0) return 'Only a better model, or another limit, would decide it.';
  const needed = rows * (Math.abs(value - boundAt(limit, interval)) / room) ** 2;
  if (needed > 1e9) return 'Only a better model, or another limit, would decide it.';
  return `About ${formatCount(Number(needed.toPrecision(2)))} test rows would decide it, or another limit.`;
}
