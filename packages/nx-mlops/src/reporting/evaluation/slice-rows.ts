import type { Evaluation, GateReport, GateResult, MetricDirection, SliceResult } from '@nx-mlops/core';
import { concernOf, sliceValueText } from './gate-summary';

/** A share of false discoveries at which a slice that was not asked for is worth a look. */
export const FLAGGED_AT = 0.1;

/** A slice as reports show it. */
export interface SliceRow {
  /** `origin = JFK` */
  readonly name: string;
  readonly slice: SliceResult;
  /** Gates on this slice that do not hold. */
  readonly gates: readonly GateResult[];
  /** Metrics in which the slice is worse than the other rows, beyond what many looks let expect by chance. */
  readonly flagged: readonly { readonly metric: string; readonly adjustedP: number }[];
  /** How much worse than over all rows in the metric asked for; above 0 is worse. */
  readonly gap: number | undefined;
}

/**
 * The slices by concern: those on which a gate fails or is undecided, then the flagged ones, then the rest, in each
 * group the ones furthest behind in the metric first.
 */
export function sliceRows(
  evaluation: Evaluation,
  report: GateReport,
  metric: string | undefined,
): SliceRow[] {
  const rows = evaluation.slices.map((slice): SliceRow => {
    const gates = report.gates.filter(
      (gate) =>
        gate.slice?.column === slice.column &&
        gate.slice.value === slice.value &&
        (gate.verdict === 'fail' || gate.verdict === 'inconclusive'),
    );
    return {
      name: `${slice.column} = ${sliceValueText(slice.value)}`,
      slice,
      gates,
      flagged: flaggedMetrics(evaluation, slice),
      gap: metric === undefined ? undefined : gapOf(evaluation, slice, metric),
    };
  });
  return rows.sort((a, b) => rank(a) - rank(b) || (b.gap ?? -Infinity) - (a.gap ?? -Infinity) || 0);
}

function rank({ gates, flagged }: SliceRow): number {
  const concerns = gates.map(concernOf);
  if (concerns.includes('fail')) return 0;
  if (concerns.includes('warn')) return 1;
  if (concerns.length > 0 || flagged.length > 0) return 2;
  return 3;
}

function flaggedMetrics(evaluation: Evaluation, slice: SliceResult): SliceRow['flagged'] {
  return Object.entries(slice.adjustedP ?? {})
    .filter(([metric, p]) => p <= FLAGGED_AT && (gapOf(evaluation, slice, metric) ?? 0) > 0)
    .map(([metric, adjustedP]) => ({ metric, adjustedP }));
}

function gapOf(evaluation: Evaluation, slice: SliceResult, metric: string): number | undefined {
  const [value, all] = [slice.metrics[metric], evaluation.metrics[metric]];
  if (value === undefined || value === null || all === undefined || all === null) return undefined;
  const direction: MetricDirection | undefined = evaluation.directions[metric];
  return direction === 'lower' ? value - all : all - value;
}
