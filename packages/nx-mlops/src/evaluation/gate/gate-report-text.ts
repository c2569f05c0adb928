import { layout, type Evaluation, type GateReport, type GateResult } from '@nx-mlops/core';
import { formatNumber, plural } from '../reporting/format';
import { escapeMarkdown, markdownTable, textTable } from '../reporting/table';
import { sliceValueText } from './gate';

/** Slices that a report shows: the largest ones. */
const shownSlices = 20;

/** Gates that a printed table shows; the report has them all. */
const printedGates = 30;

/** One line: what came of the gates. */
export function verdictLine({ model, passed, gates }: GateReport): string {
  const count = (verdict: GateResult['verdict'], severity?: GateResult['severity']) =>
    gates.filter((gate) => gate.verdict === verdict && (severity === undefined || gate.severity === severity))
      .length;
  if (gates.length === 0) return `${model} passes: it has no gates.`;
  const parts = [
    `${count('pass')} passed`,
    `${count('fail', 'block')} failed`,
    ...(count('fail', 'warn') === 0 ? [] : [plural(count('fail', 'warn'), 'warning')]),
    ...(count('skipped') === 0 ? [] : [`${count('skipped')} skipped`]),
  ];
  return `${model} ${passed ? 'passes' : 'does not pass'}: of ${plural(gates.length, 'gate')} ${parts.join(', ')}.`;
}

/** A short table for the terminal, what failed first. */
export function gateTable({ gates }: GateReport): string[] {
  if (gates.length === 0) return [];
  const sorted = inOrderOfConcern(gates);
  return [
    ...textTable({
      header: ['verdict', 'gate', 'value'],
      rows: sorted
        .slice(0, printedGates)
        .map((gate) => [verdictWord(gate), gate.name, formatNumber(gate.value)]),
      alignment: ['left', 'left', 'right'],
    }),
    ...(sorted.length > printedGates ? [`… and ${plural(sorted.length - printedGates, 'more gate')}`] : []),
  ];
}

/**
 * The report as Markdown: verdict, gates, metrics beside the baseline, slices and charts.
 *
 * @param chartFolder where the charts lie, relative to the report; forward slashes
 */
export function gateReportMarkdown(report: GateReport, evaluation: Evaluation, chartFolder: string): string {
  const { dataset, split, rows } = evaluation.test;
  return [
    `# ${escapeMarkdown(report.model)}: ${report.passed ? '✅ gates passed' : '❌ gates failed'}`,
    '',
    escapeMarkdown(verdictLine(report)),
    '',
    `Measured on ${escapeMarkdown(`${dataset}:${split}`)}, ${plural(rows, 'row')}. Model \`${report.modelSha256.slice(0, 12)}\`.`,
    '',
    ...gateSection(report),
    ...metricSection(evaluation),
    ...sliceSection(evaluation),
    ...chartSection(evaluation, chartFolder),
  ].join('\n');
}

function gateSection({ gates }: GateReport): string[] {
  if (gates.length === 0) {
    return [`No gates are configured: add \`evaluation.gates\` to \`${layout.modelConfig}\`.`, ''];
  }
  return [
    '## Gates',
    '',
    ...markdownTable({
      header: ['', 'gate', 'value', 'because'],
      rows: inOrderOfConcern(gates).map((gate) => [
        verdictSign(gate),
        gate.name,
        formatNumber(gate.value),
        gate.because,
      ]),
      alignment: ['left', 'left', 'right'],
    }),
    '',
  ];
}

function metricSection({ metrics, baseline }: Evaluation): string[] {
  const names = Object.keys(metrics);
  if (names.length === 0) return [];
  return [
    '## Metrics',
    '',
    ...markdownTable({
      header: ['metric', 'value', `baseline (${baseline.strategy})`],
      rows: names.map((name) => [name, formatNumber(metrics[name]), formatNumber(baseline.metrics[name])]),
      alignment: ['left', 'right', 'right'],
    }),
    '',
  ];
}

function sliceSection({ slices, metrics }: Evaluation): string[] {
  const columns = [...new Set(slices.map(({ column }) => column))];
  const names = Object.keys(metrics);
  return columns.flatMap((column) => {
    const all = slices.filter((slice) => slice.column === column);
    return [
      `## By ${escapeMarkdown(column)}`,
      '',
      ...markdownTable({
        header: [column, 'rows', ...names],
        rows: all
          .slice(0, shownSlices)
          .map(({ value, rows, metrics: values }) => [
            sliceValueText(value),
            formatNumber(rows),
            ...names.map((name) => formatNumber(values[name])),
          ]),
        alignment: ['left', 'right', ...names.map(() => 'right' as const)],
      }),
      ...(all.length > shownSlices
        ? ['', `The ${shownSlices} largest of ${all.length}; all are in \`${layout.evaluationFile}\`.`]
        : []),
      '',
    ];
  });
}

function chartSection({ charts }: Evaluation, folder: string): string[] {
  if (charts.length === 0) return [];
  return [
    '## Charts',
    '',
    ...charts.flatMap(({ title, file }) => [`![${escapeMarkdown(title)}](${folder}/${encodeURI(file)})`, '']),
  ];
}

function inOrderOfConcern(gates: readonly GateResult[]): GateResult[] {
  const concern = (gate: GateResult) =>
    gate.verdict === 'fail' ? (gate.severity === 'block' ? 0 : 1) : gate.verdict === 'skipped' ? 3 : 2;
  return [...gates].sort((a, b) => concern(a) - concern(b));
}

function verdictWord({ verdict, severity }: GateResult): string {
  return verdict === 'fail' && severity === 'warn' ? 'warn' : verdict;
}

function verdictSign(gate: GateResult): string {
  return { pass: '✅', fail: '❌', warn: '⚠️', skipped: '➖' }[verdictWord(gate)] ?? '';
}
