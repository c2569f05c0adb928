import type { Evaluation } from '@nx-mlops/core';
import { formatNumber } from '../reporting/format';
import { textTable } from '../reporting/table';

/** The metrics with their intervals beside the baseline, for the terminal. */
export function evaluationTable({
  metrics,
  intervals,
  baseline,
  confidence,
}: Pick<Evaluation, 'metrics' | 'intervals' | 'baseline' | 'confidence'>): string[] {
  const share = Number((100 * confidence).toPrecision(4));
  return textTable({
    header: ['metric', 'value', `${share} % interval`, `baseline (${baseline.strategy})`],
    rows: Object.entries(metrics).map(([name, value]) => {
      const interval = intervals[name];
      return [
        name,
        formatNumber(value),
        interval === undefined ? '–' : `${formatNumber(interval.low)} to ${formatNumber(interval.high)}`,
        formatNumber(baseline.metrics[name]),
      ];
    }),
    alignment: ['left', 'right', 'right', 'right'],
  });
}
