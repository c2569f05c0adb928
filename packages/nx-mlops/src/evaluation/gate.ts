import type { Evaluation, GateConfig, GateReport, GateResult, MetricValues } from '@nx-mlops/core';
import { formatCount, formatNumber } from '../reporting/format';
import type { SliceValue } from './slice-reader';

/** Rows below which a slice is not judged, where the gate says nothing else: fewer are noise. */
export const defaultMinRows = 50;

/**
 * Judges an evaluation by the gates of the config. A gate on a slice is judged for each of its values.
 *
 * A metric that is missing or not defined on the rows fails, for nobody has shown that it holds; a slice with too few
 * rows is skipped, which is no pass. The report passes when no gate of severity `block` failed.
 *
 * @param evaluationSha256 digest of the evaluation.json that is judged
 */
export function judgeGates(
  evaluation: Evaluation,
  gates: readonly GateConfig[],
  evaluationSha256: string,
): GateReport {
  const results = gates.flatMap((gate) => judgeGate(evaluation, gate));
  return {
    version: 1,
    model: evaluation.model,
    modelSha256: evaluation.modelSha256,
    evaluationSha256,
    passed: results.every(({ verdict, severity }) => verdict !== 'fail' || severity !== 'block'),
    gates: results,
  };
}

function judgeGate(evaluation: Evaluation, gate: GateConfig): GateResult[] {
  const column = gate.slice;
  if (column === undefined) return [judge(gate, limitsText(gate), evaluation.metrics)];
  const slices = evaluation.slices.filter((slice) => slice.column === column);
  if (slices.length === 0) {
    return [
      {
        ...identity(gate, `${limitsText(gate)} on ${column}`),
        value: null,
        verdict: 'fail',
        because: `The evaluation has no slices by "${column}".`,
      },
    ];
  }
  const minRows = gate.minRows ?? defaultMinRows;
  return slices.map(({ value, rows, metrics }) => {
    const name = `${limitsText(gate)} on ${column}=${sliceValueText(value)}`;
    const slice = { column, value, rows };
    if (rows >= minRows) return { ...judge(gate, name, metrics), slice };
    return {
      ...identity(gate, name),
      slice,
      value: metrics[gate.metric] ?? null,
      verdict: 'skipped',
      because: `${formatCount(rows)} rows are fewer than the ${formatCount(minRows)} that a judgement needs.`,
    };
  });
}

function judge(gate: GateConfig, name: string, metrics: MetricValues): GateResult {
  const base = identity(gate, name);
  const value = metrics[gate.metric];
  if (value === undefined) {
    return { ...base, value: null, verdict: 'fail', because: `"${gate.metric}" was not measured.` };
  }
  if (value === null) {
    return {
      ...base,
      value,
      verdict: 'fail',
      because: `"${gate.metric}" is not defined on these rows, as when all are of one class.`,
    };
  }
  if (gate.min !== undefined && !(value >= gate.min)) {
    return { ...base, value, verdict: 'fail', because: below(value, gate.min) };
  }
  if (gate.max !== undefined && !(value <= gate.max)) {
    return { ...base, value, verdict: 'fail', because: above(value, gate.max) };
  }
  return { ...base, value, verdict: 'pass', because: `${formatNumber(value)} is within the limits.` };
}

/** Told in full where rounding would make the value look like the limit. */
function below(value: number, limit: number): string {
  const [shown, border] = distinguishable(value, limit);
  return `${shown} is below the minimum of ${border}.`;
}

function above(value: number, limit: number): string {
  const [shown, border] = distinguishable(value, limit);
  return `${shown} is above the maximum of ${border}.`;
}

function distinguishable(value: number, limit: number): [string, string] {
  const [shown, border] = [formatNumber(value), formatNumber(limit)];
  return shown === border ? [String(value), String(limit)] : [shown, border];
}

function identity({ metric, min, max, severity }: GateConfig, name: string) {
  return {
    name,
    metric,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    severity,
  };
}

/** `roc-auc >= 0.6`, `log-loss <= 0.7`, `0.1 <= mean-error <= 0.2` */
function limitsText({ metric, min, max }: GateConfig): string {
  if (min !== undefined && max !== undefined) return `${min} <= ${metric} <= ${max}`;
  return min === undefined ? `${metric} <= ${max}` : `${metric} >= ${min}`;
}

/** A slice's value for people; missing values have a name of their own. */
export function sliceValueText(value: SliceValue): string {
  return value === null ? '(missing)' : String(value);
}
