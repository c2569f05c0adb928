import type { Comparison, GateConfig, MetricDirection } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import { formatCount, formatNumber, plural } from '../../reporting/format';
import { metricTitle } from './metric-title';
import { apart, intervalText } from './numbers-in-words';

/** The two values that were compared. */
export interface ComparedValues {
  readonly metric: string;
  readonly direction: MetricDirection;
  readonly value: number;
  readonly championValue: number;
  /** `production (version 3)` */
  readonly champion: string;
}

const testNames: Readonly<Record<Comparison['test'], string>> = {
  delong: "DeLong's test",
  mcnemar: "McNemar's test",
  bootstrap: 'the paired bootstrap',
  jackknife: 'the paired jackknife',
};

/** A comparison in a sentence or two: by how much, how sure, and what to do where that is not sure enough. */
export function comparisonText(
  values: ComparedValues,
  comparison: Comparison,
  { require }: Pick<GateConfig, 'require'>,
): string {
  const { direction, champion } = values;
  const { verdict, confidence, rows, test, margin } = comparison;
  // As people read it: the model's value less the champion's, whichever of the two is better.
  const [low, high] =
    direction === 'higher' ? [comparison.low, comparison.high] : [-comparison.high, -comparison.low];
  const interval = intervalText({ low, high }, confidence).replace('interval', 'interval of the difference');
  const head = `${differenceText(values)}, ${interval}, margin ${formatNumber(margin)}.`;
  const on = `on ${plural(rows, 'row')} by ${testNames[test]}`;
  if (verdict === 'worse') return `${head} Worse ${on}.`;
  if (verdict === 'better') return `${head} Better ${on}.`;
  if (require === 'better') {
    return `${head} Not shown to be better than ${champion} ${on}, which the gate requires: a larger gain or more rows would show it.`;
  }
  if (verdict === 'non-inferior') return `${head} No worse than ${champion} within the margin ${on}.`;
  return `${head} ${plural(rows, 'row')} do not decide whether that is within the margin. ${remedy(comparison)}`;
}

/** `ROC AUC is 0.0132 below production (version 3): 0.6538 against 0.667` */
export function differenceText({ metric, value, championValue, champion }: ComparedValues): string {
  const [own, other] = apart(metric, value, championValue);
  const title = metricTitle(metric);
  if (value === championValue) return `${title} is that of ${champion}: ${own}`;
  const side = value < championValue ? 'below' : 'above';
  return `${title} is ${formatMetric(metric, Math.abs(value - championValue))} ${side} ${champion}: ${own} against ${other}`;
}

/** The ways out of a comparison that decides nothing. */
function remedy({ rowsNeeded, margin }: Comparison): string {
  if (margin === 0) return 'A margin above 0 could be shown to hold.';
  if (rowsNeeded === undefined)
    return 'The difference lies near the margin: a better model would pass, or a wider margin.';
  return `About ${formatCount(Number(rowsNeeded.toPrecision(2)))} test rows would, or a wider margin.`;
}
