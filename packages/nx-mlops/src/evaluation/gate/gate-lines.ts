import { layout, type Evaluation, type GateReport, type GateResult } from '@nx-mlops/core';
import { formatMetric } from '../../reporting/evaluation/compared-metrics';
import {
  concernOf,
  countsSentence,
  effectNote,
  gateHeadline,
  gatesByConcern,
  verdictWord,
} from '../../reporting/evaluation/gate-summary';
import { formatNumber, plural } from '../../reporting/format';
import { textTable } from '../../reporting/table';

/** Gates that a printed table shows, and sentences below it; the report has them all. */
const printedGates = 30;
const printedSentences = 10;

/**
 * What the terminal says of the gates: a table, what did not hold in sentences, the verdict, and where the report is.
 *
 * @param root of the project, relative to the workspace
 */
export function gateLines(report: GateReport, { confidence }: Evaluation, root: string): string[] {
  const where = `Report: ${root}/${layout.gate}/${layout.gateReport}`;
  if (report.gates.length === 0) {
    return [
      `${report.model} has no gates, so every model passes. Add evaluation.gates to ${root}/${layout.modelConfig}, such as { "metric": …, "min": … }.`,
      where,
    ];
  }
  const gates = gatesByConcern(report.gates);
  const open = gates.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
  const skipped = gates.filter(({ verdict, slice }) => verdict === 'skipped' && slice === undefined);
  return [
    ...textTable({
      header: ['verdict', 'gate', `value (${Number((confidence * 100).toFixed(1))} % interval)`, 'against'],
      rows: gates
        .slice(0, printedGates)
        .map((gate) => [
          `${verdictWord(gate)}${effectNote(gate)}`,
          gate.name,
          valueText(gate),
          againstText(gate),
        ]),
    }),
    ...more(gates.length - printedGates, 'more gate'),
    '',
    `${report.model}: ${gateHeadline(report).toLowerCase()}. ${countsSentence(report)}`,
    ...open.slice(0, printedSentences).map((gate) => `${concernWord(gate)}: ${gate.name}. ${gate.because}`),
    ...more(open.length - printedSentences, 'more'),
    ...skipped.map((gate) => `Skipped: ${gate.name}. ${gate.because}`),
    where,
  ];
}

function valueText({ metric, value, interval }: GateResult): string {
  const text = formatMetric(metric, value);
  return interval === undefined
    ? text
    : `${text} (${formatNumber(interval.low)} to ${formatNumber(interval.high)})`;
}

function againstText({ metric, min, max, maxGap, versus }: GateResult): string {
  if (versus !== undefined) {
    return versus.modelVersion === undefined
      ? versus.baseline
      : `${formatMetric(metric, versus.value)} (version ${versus.modelVersion})`;
  }
  if (maxGap !== undefined) return `all rows, at most ${formatNumber(maxGap)} worse`;
  return [
    ...(min === undefined ? [] : [`>= ${formatMetric(metric, min)}`]),
    ...(max === undefined ? [] : [`<= ${formatMetric(metric, max)}`]),
  ].join(' and ');
}

function concernWord(gate: GateResult): string {
  if (concernOf(gate) === 'info') return 'Note';
  if (gate.verdict === 'inconclusive') return 'Inconclusive';
  return concernOf(gate) === 'fail' ? 'Failed' : 'Warning';
}

function more(count: number, noun: string): string[] {
  return count > 0 ? [`… and ${plural(count, noun).replace(/ mores$/, ' more')}`] : [];
}
