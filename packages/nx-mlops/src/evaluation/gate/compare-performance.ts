import { performanceMetricDefinitions, type PerformanceMetricName } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import type { Judgement } from './judgement';
import { marginOf } from './margin';
import { metricTitle } from './metric-title';

import { performanceValue } from './performance-value';
import { withoutValue } from './undefined-metric';
import { championName, type VersusScene } from './versus-scene';
import { differenceText } from './versus-text';

/**
 * Size and speed against a champion's. There are no rows to pair and no interval, so the values are taken as they are;
 * times and throughput only when both were measured on one kind of machine.
 */
export function judgePerformanceVersus(
  metric: PerformanceMetricName,
  scene: Pick<VersusScene, 'gate' | 'model' | 'champion'>,
): Judgement {
  const { gate, model, champion } = scene;
  const { evaluation, performance } = model;
  const name = championName(scene);
  const value = performanceValue(metric, { performance, modelSize: evaluation.modelSize });
  if (value === undefined) return withoutValue(metric, value, evaluation);
  const versus = { baseline: gate.versus, modelVersion: champion.modelVersion, value: null };
  const championValue = performanceValue(metric, champion);
  if (championValue === undefined) {
    const because = `There is no ${metric} on record of ${name}, so the two cannot be compared.`;
    return { value, verdict: 'inconclusive', because, versus };
  }
  const [here, there] = [performance?.measuredOn, champion.performance?.measuredOn];
  if (metric !== 'model-size' && here !== there) {
    return {
      value,
      verdict: 'inconclusive',
      because: `${metricTitle(metric)} of ${name} was measured on another machine (${there}) than this model's (${here}), so the two cannot be compared. A gate with a limit can be judged.`,
      versus: { ...versus, value: championValue },
    };
  }
  const { direction } = performanceMetricDefinitions[metric];
  const margin = marginOf(gate, direction, championValue);
  const gain = direction === 'higher' ? value - championValue : championValue - value;
  const values = { metric, direction, value, championValue, champion: name };
  return {
    value,
    verdict: gain < -margin ? 'fail' : gate.require === 'better' && !(gain > 0) ? 'inconclusive' : 'pass',
    because: `${differenceText(values)}, margin ${formatMetric(metric, margin)}.`,
    versus: { ...versus, value: championValue },
  };
}
