import { judgeDifference, type Comparison, type GateConfig, type PairedDifference } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import { plural } from '../../reporting/format';
import { defaultAlpha, type Judgement } from './judgement';
import { marginOf } from './margin';
import { metricTitle } from './metric-title';

import { championName, type VersusGate, type VersusScene } from './versus-scene';
import { comparisonText, differenceText } from './versus-text';

/** What a comparison gives to a judgement. */
export type Conclusion = Pick<Judgement, 'verdict' | 'because' | 'versus'>;

/**
 * @param adjustedP of "not worse", by Holm, of several slices
 * @param family slices that were judged together
 */
export function compared(
  scene: VersusScene,
  value: number,
  championValue: number,
  difference: PairedDifference,
  adjustedP?: number,
  family = 1,
): Conclusion {
  const { gate, champion, direction } = scene;
  const comparison = judgeDifference(difference, {
    margin: marginOf(gate, direction, championValue),
    alpha: gate.alpha ?? defaultAlpha,
    ...(adjustedP === undefined ? {} : { adjustedPWorse: adjustedP }),
  });
  const values = { metric: gate.metric, direction, value, championValue, champion: championName(scene) };
  const adjustment =
    family > 1 && comparison.adjustedP !== undefined && comparison.verdict !== 'better'
      ? ` Adjusted for ${plural(family, 'slice')}.`
      : '';
  return {
    verdict: verdictOf(comparison, gate),
    because: `${comparisonText(values, comparison, gate)}${adjustment}`,
    versus: { baseline: gate.versus, modelVersion: champion.modelVersion, value: championValue, comparison },
  };
}

function verdictOf(
  { verdict }: Pick<Comparison, 'verdict'>,
  { require }: Pick<GateConfig, 'require'>,
): Judgement['verdict'] {
  switch (verdict) {
    case 'better':
      return 'pass';
    case 'non-inferior':
      return require === 'better' ? 'inconclusive' : 'pass';
    case 'inconclusive':
      return 'inconclusive';
    case 'worse':
      return 'fail';
  }
}

/** Nothing to measure: the answers are the same in every row. */
export function sameModel(scene: VersusScene, value: number, rows: number): Conclusion {
  const { gate, champion, direction } = scene;
  const comparison: Comparison = {
    verdict: 'non-inferior',
    difference: 0,
    low: 0,
    high: 0,
    confidence: 1 - 2 * (gate.alpha ?? defaultAlpha),
    margin: marginOf(gate, direction, value),
    p: 1,
    test: testOf(gate),
    rows,
  };
  const verdict = verdictOf(comparison, gate);
  return {
    verdict,
    because: `This is the very model that ${championName(scene)} is, so there is no difference${verdict === 'pass' ? '' : ', and the gate requires a better one'}.`,
    versus: { baseline: gate.versus, modelVersion: champion.modelVersion, value, comparison },
  };
}

function testOf({ test = 'auto', metric }: VersusGate): Comparison['test'] {
  if (test !== 'auto') return test;
  return metric === 'roc-auc' ? 'delong' : 'bootstrap';
}

/** Where answers to each row are not there: the two values alone, if both are of the same rows. */
export function compareValues(scene: VersusScene, value: number): Conclusion {
  const { gate, champion, direction } = scene;
  const championValue = champion.metrics?.[gate.metric];
  if (championValue === undefined || championValue === null) return notComparable(scene);
  const margin = marginOf(gate, direction, championValue);
  const gain = direction === 'higher' ? value - championValue : championValue - value;
  const values = { metric: gate.metric, direction, value, championValue, champion: championName(scene) };
  return {
    verdict: gain < -margin ? 'fail' : gate.require === 'better' && !(gain > 0) ? 'inconclusive' : 'pass',
    because: `${differenceText(values)}, margin ${formatMetric(gate.metric, margin)}. It was not measured row by row, so there is no interval and the values are taken as they are.`,
    versus: { baseline: gate.versus, modelVersion: champion.modelVersion, value: championValue },
  };
}

export function notComparable(scene: VersusScene): Conclusion {
  const { gate, champion } = scene;
  const why =
    champion.notScored ??
    `The evaluation keeps no answers to each row for ${metricTitle(gate.metric)}, so the two cannot be compared.`;
  return {
    verdict: 'inconclusive',
    because: `Not compared with ${championName(scene)}: ${why}`,
    versus: { baseline: gate.versus, modelVersion: champion.modelVersion, value: null },
  };
}

export function notDefined(scene: VersusScene): Conclusion {
  const { gate, champion } = scene;
  return {
    verdict: 'inconclusive',
    because: `${metricTitle(gate.metric)} is not defined on these rows for ${championName(scene)}, so the two cannot be compared.`,
    versus: { baseline: gate.versus, modelVersion: champion.modelVersion, value: null },
  };
}
