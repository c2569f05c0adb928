import { layout } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../format';
import { cutText } from '../html/escape';
import { escapeMarkdown, markdownTable, type Alignment } from '../table';
import {
  comparedMetrics,
  differenceText,
  formatInterval,
  formatMetric,
  foundBaselines,
  leadingMetric,
} from './compared-metrics';
import type { GateFilesInput } from './gate-files-input';
import {
  blockingGates,
  concernOf,
  concernSigns,
  countsSentence,
  effectNote,
  gateHeadline,
  gateSign,
  gatesByConcern,
  verdictWord,
} from './gate-summary';
import { sliceRows } from './slice-rows';

const SHOWN_GATES = 100;
const SHOWN_SLICES = 20;
const SHOWN_WARNINGS = 20;

/** The evaluation of a gated model as GitHub-flavoured Markdown: verdict, gates, metrics, slices, warnings. */
export function evaluationMarkdown(input: GateFilesInput): string {
  const { evaluation, report } = input;
  const { dataset, split, rows } = evaluation.test;
  return [
    `# ${escapeMarkdown(cutText(report.model))}: ${gateSign(report)} ${gateHeadline(report).toLowerCase()}`,
    '',
    countsSentence(report),
    '',
    ...blockingGates(report).map(
      (gate) => `- **${escapeMarkdown(cutText(gate.name))}**: ${escapeMarkdown(cutText(gate.because, 600))}`,
    ),
    ...(blockingGates(report).length === 0 ? [] : ['']),
    `Measured on ${escapeMarkdown(`${dataset}:${split}`)}, ${plural(rows, 'row')}. Model \`${report.modelSha256.slice(0, 12)}\`. The page with charts is \`${layout.gatePage}\`.`,
    '',
    ...gateSection(input),
    ...metricSection(input),
    ...performanceSection(input),
    ...sliceSection(input),
    ...fairnessSection(input),
    ...warningSection(input),
  ].join('\n');
}

function gateSection({ report }: GateFilesInput): string[] {
  if (report.gates.length === 0) {
    return [`No gates are configured: add \`evaluation.gates\` to \`${layout.modelConfig}\`.`, ''];
  }
  const sorted = gatesByConcern(report.gates);
  return [
    '## Gates',
    '',
    ...markdownTable({
      header: ['', 'gate', 'value', 'because'],
      rows: sorted
        .slice(0, SHOWN_GATES)
        .map((gate) => [
          `${concernSigns[concernOf(gate)]} ${verdictWord(gate)}${effectNote(gate)}`,
          cutText(gate.name),
          formatMetric(gate.metric, gate.value),
          cutText(gate.because, 400),
        ]),
      alignment: ['left', 'left', 'right'],
    }),
    '',
    ...moreOf(sorted.length - SHOWN_GATES, 'gate', layout.gateFile),
    ...report.baselines
      .filter(({ metrics }) => metrics === undefined)
      .flatMap(({ name, because }) => [
        `No ${escapeMarkdown(name)} to compare with: ${escapeMarkdown(because)}`,
        '',
      ]),
  ];
}

function metricSection(input: GateFilesInput): string[] {
  const rows = comparedMetrics(input);
  if (rows.length === 0) return [];
  const baselines = foundBaselines(input);
  const right: Alignment = 'right';
  return [
    '## Metrics',
    '',
    ...markdownTable({
      header: [
        'metric',
        'this model',
        `${formatNumber(input.evaluation.confidence * 100)} % interval`,
        ...baselines.flatMap(({ title }) => [title, `difference to ${title}`]),
        `without features (${input.evaluation.baseline.strategy})`,
      ],
      rows: rows.map((row) => [
        `${row.name}${row.direction === undefined ? '' : row.direction === 'higher' ? ' ↑' : ' ↓'}`,
        formatNumber(row.value),
        formatInterval(row.interval),
        ...row.baselines.flatMap(({ value, comparison }) => [
          formatNumber(value),
          comparison === undefined ? '–' : `${differenceText(comparison)} ${comparison.verdict}`,
        ]),
        formatNumber(row.trivial),
      ]),
      alignment: ['left', right, right, ...baselines.flatMap(() => [right, right]), right],
    }),
    '',
    '↑ higher is better, ↓ lower is better. A difference above 0 is an improvement.',
    '',
  ];
}

function performanceSection({ performance, evaluation }: GateFilesInput): string[] {
  const metrics = { 'model-size': evaluation.modelSize, ...performance?.metrics };
  return [
    '## Latency and size',
    '',
    ...markdownTable({
      header: ['', 'value'],
      rows: Object.entries(metrics).map(([name, value]) => [name, formatMetric(name, value)]),
      alignment: ['left', 'right'],
    }),
    '',
    ...(performance === undefined ? [] : [`Measured on ${escapeMarkdown(performance.measuredOn)}.`, '']),
  ];
}

function sliceSection(input: GateFilesInput): string[] {
  const metric = leadingMetric(input);
  const rows = sliceRows(input.evaluation, input.report, metric);
  if (rows.length === 0 || metric === undefined) return [];
  return [
    '## Slices',
    '',
    ...markdownTable({
      header: ['slice', 'rows', metric, 'interval', 'concern'],
      rows: rows
        .slice(0, SHOWN_SLICES)
        .map(({ name, slice, gates, flagged }) => [
          cutText(name),
          formatCount(slice.rows),
          formatNumber(slice.metrics[metric]),
          formatInterval(slice.intervals[metric]),
          [
            ...gates.map(
              (gate) => `${concernSigns[concernOf(gate)]} ${verdictWord(gate)}: ${cutText(gate.name, 80)}`,
            ),
            ...flagged.map((flag) => `worse ${flag.metric} (p ${formatNumber(flag.adjustedP)})`),
          ].join('; '),
        ]),
      alignment: ['left', 'right', 'right', 'right'],
    }),
    '',
    ...moreOf(rows.length - SHOWN_SLICES, 'slice', layout.evaluationFile),
  ];
}

function fairnessSection({ evaluation }: GateFilesInput): string[] {
  return evaluation.fairness.flatMap(({ column, metrics, intervals }) => [
    `## Fairness by ${escapeMarkdown(cutText(column))}`,
    '',
    ...markdownTable({
      header: ['', 'value', 'interval'],
      rows: Object.entries(metrics).map(([name, value]) => [
        name,
        formatNumber(value),
        formatInterval(intervals[name]),
      ]),
      alignment: ['left', 'right', 'right'],
    }),
    '',
  ]);
}

function warningSection({ evaluation }: GateFilesInput): string[] {
  const { warnings } = evaluation;
  if (warnings.length === 0) return [];
  return [
    '## Warnings',
    '',
    ...warnings.slice(0, SHOWN_WARNINGS).map(({ message }) => `- ${escapeMarkdown(cutText(message, 600))}`),
    '',
    ...moreOf(warnings.length - SHOWN_WARNINGS, 'warning', layout.evaluationFile),
  ];
}

function moreOf(count: number, noun: string, file: string): string[] {
  return count > 0 ? [`… and ${plural(count, `more ${noun}`)} in \`${file}\`.`, ''] : [];
}
