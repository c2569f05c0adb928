import { fairnessMetrics, type FairnessMetric, type GateConfig, type GroupRates } from '@nx-mlops/core';
import { plural } from '../../reporting/format';
import { beyondNoise } from './beyond-noise';
import { beyondText, withinText } from './limit-text';
import type { Judgement } from './judgement';
import type { JudgedModel } from './judged-model';
import { isBeyond, limitsOf } from './limits';
import { metricTitle } from './metric-title';
import { chanceOfHolding, errorOnSide } from './noise';
import { intervalText } from './numbers-in-words';

/** A gate on a difference between groups, which is one figure, so nothing is adjusted. */
export type FairnessGate = GateConfig & { readonly fairness: string };

/** The rates that each difference is made of. */
const rateOf: Readonly<Record<FairnessMetric, keyof GroupRates & `${string}`>> = {
  'selection-rate-difference': 'selectionRate',
  'selection-rate-ratio': 'selectionRate',
  'tpr-difference': 'truePositiveRate',
  'fpr-difference': 'falsePositiveRate',
  'ece-difference': 'ece',
};

/**
 * Fails when the difference is beyond the limit and this is no noise (one-sided p at most alpha); beyond, but not so, is
 * inconclusive. Skipped when fewer than two groups have rows enough to be compared.
 */
export function judgeFairness(gate: FairnessGate, { evaluation }: JudgedModel): Judgement {
  const result = evaluation.fairness.find(({ column }) => column === gate.fairness);
  if (result === undefined) {
    return {
      value: null,
      verdict: 'fail',
      because: `The evaluation has no groups by "${gate.fairness}", so the gate cannot be passed. Run nx run ${evaluation.model}:evaluate.`,
    };
  }
  const minRows = gate.minRows ?? result.minRows;
  const compared = result.groups.filter(({ rows }) => rows >= minRows);
  if (compared.length < 2) {
    return {
      value: null,
      verdict: 'skipped',
      because: `${compared.length === 1 ? 'One group' : 'No group'} by "${gate.fairness}" has ${plural(minRows, 'row')} or more (minRows), so there is nothing to compare.`,
    };
  }
  const measured = compared.length === result.groups.filter(({ rows }) => rows >= result.minRows).length;
  // Other groups than those that were measured together: their rates are there, an interval of the difference is not.
  const value = measured ? result.metrics[gate.metric] : differenceOf(gate.metric, compared);
  const interval = measured ? result.intervals[gate.metric] : undefined;
  if (value === undefined || value === null) {
    return {
      value: null,
      verdict: 'fail',
      because: `${metricTitle(gate.metric)} is not defined for the groups by "${gate.fairness}", as when a group has no positives, so the gate cannot be passed.`,
    };
  }
  const found = { value, ...(interval === undefined ? {} : { interval }) };
  const broken = limitsOf(gate).find((limit) => isBeyond(limit, value));
  if (broken === undefined) {
    return {
      ...found,
      verdict: 'pass',
      because: withinText(gate.metric, value, interval, evaluation.confidence),
    };
  }
  const bound = broken.kind === 'minimum' ? interval?.high : interval?.low;
  const error = bound === undefined ? 0 : errorOnSide(value, bound, evaluation.confidence);
  const p = chanceOfHolding(Math.abs(value - broken.at), error);
  const around = interval === undefined ? '' : ` (${intervalText(interval, evaluation.confidence)})`;
  const breach = `${beyondText(gate.metric, value, broken)}${around}`;
  const where = `between ${plural(compared.length, 'group')}`;
  return {
    ...found,
    adjustedP: p,
    ...beyondNoise(gate, breach, { interval, adjustedP: p, where, adjustment: '' }),
  };
}

/** As `groupFairness` measures it. */
function differenceOf(metric: string, groups: readonly GroupRates[]): number | null {
  if (!Object.hasOwn(fairnessMetrics, metric)) return null;
  const rate = rateOf[metric as FairnessMetric];
  const rates = groups
    .map((group) => group[rate])
    .filter((value): value is number => typeof value === 'number');
  if (rates.length < 2) return null;
  const [lowest, highest] = [Math.min(...rates), Math.max(...rates)];
  if (metric !== 'selection-rate-ratio') return highest - lowest;
  return highest === 0 ? null : lowest / highest;
}
