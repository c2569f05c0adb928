import { parseMetric, type Evaluation } from '@nx-mlops/core';
import type { Judgement } from './judgement';
import { metricTitle } from './metric-title';

/**
 * The verdict on a metric that has no value: it fails, for nobody has shown that it holds.
 *
 * @param value undefined when it was not measured, null when it is not defined on the rows
 */
export function withoutValue(
  metric: string,
  value: null | undefined,
  { model }: Pick<Evaluation, 'model'>,
): Judgement {
  return {
    value: null,
    verdict: 'fail',
    because:
      value === null
        ? `${metricTitle(metric)} is not defined on these rows${whenUndefined(metric)}, so the gate cannot be passed.`
        : `${metricTitle(metric)} was not measured, so the gate cannot be passed. Run nx run ${model}:evaluate.`,
  };
}

function whenUndefined(metric: string): string {
  return parseMetric(metric)?.definition.tasks.includes('binary-classification')
    ? ', as when all are of one class'
    : '';
}
