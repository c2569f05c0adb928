import type {
  Comparison,
  ComparisonVerdict,
  Evaluation,
  GateReport,
  GateResult,
  Interval,
  MetricDirection,
} from '@nx-mlops/core';
import type { ModelReport } from './model-report';

/** A metric of a model beside that of what it is compared with. */
export interface MetricChange {
  readonly name: string;
  readonly now: number | null;
  /** Whether a gate looks at it, over all rows. */
  readonly isGated: boolean;
  readonly interval?: Interval;
  /** Of the baseline on the same rows; undefined without one. */
  readonly before?: number | null;
  /** `now - before`, with the interval that a gate has measured. */
  readonly difference?: { readonly value: number; readonly low?: number; readonly high?: number };
  /** What a gate concluded of the difference; without one nobody has asked whether it is more than noise. */
  readonly verdict?: ComparisonVerdict;
}

/** All metrics of an evaluation, those that gates compare first, then those that gates limit. */
export function metricChanges({
  evaluation,
  judgement,
}: Pick<ModelReport, 'evaluation' | 'judgement'>): MetricChange[] {
  if (evaluation === undefined) return [];
  const gates = judgement.kind === 'judged' ? judgement.gates : undefined;
  const overAll =
    gates?.gates.filter(({ slice, fairness }) => slice === undefined && fairness === undefined) ?? [];
  const names = new Set([
    ...overAll.filter(({ kind }) => kind === 'versus').map(({ metric }) => metric),
    ...overAll.map(({ metric }) => metric),
    ...Object.keys(evaluation.metrics),
  ]);
  return [...names]
    .filter((name) => Object.hasOwn(evaluation.metrics, name))
    .map((name) => metricChange(name, evaluation, gates, overAll));
}

function metricChange(
  name: string,
  evaluation: Evaluation,
  gates: GateReport | undefined,
  overAll: readonly GateResult[],
): MetricChange {
  const now = evaluation.metrics[name] ?? null;
  const interval = evaluation.intervals[name];
  const versus = overAll.find(
    (gate) => gate.metric === name && gate.versus !== undefined && gate.versus.value !== null,
  )?.versus;
  const baseline = gates?.baselines.find(
    ({ metrics }) => metrics !== undefined && Object.hasOwn(metrics, name),
  );
  const before = versus === undefined ? baseline?.metrics?.[name] : versus.value;
  const direction = evaluation.directions[name];
  return {
    name,
    now,
    isGated: overAll.some(({ metric }) => metric === name),
    ...(interval === undefined ? {} : { interval }),
    ...(before === undefined ? {} : { before }),
    ...difference(now, before, direction, versus?.comparison),
  };
}

function difference(
  now: number | null,
  before: number | null | undefined,
  direction: MetricDirection | undefined,
  comparison: Comparison | undefined,
): Pick<MetricChange, 'difference' | 'verdict'> {
  if (now === null || before === null || before === undefined) return {};
  const value = now - before;
  // The comparison counts improvements up; a reader of "log-loss −0.01" expects the sign of the metric.
  const bounds =
    comparison === undefined
      ? {}
      : direction === 'lower'
        ? { low: -comparison.high, high: -comparison.low }
        : { low: comparison.low, high: comparison.high };
  return {
    difference: { value, ...bounds },
    ...(comparison === undefined ? {} : { verdict: comparison.verdict }),
  };
}
