import { layout, type ColumnProfile } from '@nx-mlops/core';
import {
  comparedMetrics,
  differenceText,
  formatInterval,
  formatMetric,
  foundBaselines,
  leadingMetric,
} from '../evaluation/compared-metrics';
import type { GateFilesInput } from '../evaluation/gate-files-input';
import {
  concernOf,
  concernSigns,
  countsSentence,
  effectNote,
  gatesByConcern,
  verdictWord,
} from '../evaluation/gate-summary';
import { sliceRows } from '../evaluation/slice-rows';
import { formatBytes, formatCount, formatDuration, formatMoment, formatNumber, plural } from '../format';
import { cutText } from '../html/escape';
import { formatShare } from '../inline-chart/chart';
import { escapeMarkdown, markdownTable, type Table } from '../table';
import { frontMatter } from './front-matter';

const SHOWN_FEATURES = 200;
const SHOWN_SLICES = 30;
const SHOWN_VALUES = 3;

/**
 * A model card in Markdown, with the front matter that the Hub of Hugging Face reads: what the model is, how it was
 * trained and on what, how good it is and for whom, and where not to trust it.
 */
export function modelCard(input: GateFilesInput): string {
  return [
    frontMatter(input),
    ...heading(input),
    ...training(input),
    ...columns(input),
    ...evaluationPart(input),
    ...slices(input),
    ...fairness(input),
    ...limits(input),
    ...gates(input),
  ].join('\n');
}

function heading({ config, manifest }: GateFilesInput): string[] {
  const { file, inputLayout, classes } = manifest;
  return [
    `# ${text(manifest.model)}`,
    '',
    ...(config.description === undefined ? [] : [text(config.description, 2000), '']),
    ...table({
      header: ['', ''],
      rows: [
        ['task', manifest.task],
        ['predicts', manifest.target],
        ...(classes === undefined ? [] : [['classes', cutText(classes.map(String).join(', '), 500)]]),
        ['file', `ONNX, ${formatBytes(file.size)}, sha256 ${file.sha256}`],
        [
          'takes',
          inputLayout === 'columns'
            ? 'one input a feature, by name'
            : inputLayout === 'matrix'
              ? 'one matrix, rows by features in their order'
              : 'inputs of its own',
        ],
      ],
    }),
  ];
}

function training({ config, manifest, run }: GateFilesInput): string[] {
  const params = run?.params ?? config.training.params;
  return [
    '## Training',
    '',
    ...table({
      header: ['split', 'data', 'rows', 'sha256'],
      rows: Object.entries(manifest.datasets).map(([role, { dataset, split, rows, sha256 }]) => [
        role,
        `${dataset}:${split}`,
        formatCount(rows),
        sha256,
      ]),
      alignment: ['left', 'left', 'right'],
    }),
    ...table({
      header: ['parameter', 'value'],
      rows: [
        ...Object.entries(params).map(([name, value]) => [name, cutText(JSON.stringify(value), 300)]),
        ['seed', String(run?.seed ?? config.training.seed)],
      ],
    }),
    ...(run === undefined
      ? []
      : [
          `Trained ${formatMoment(run.startedAt)} UTC in ${formatDuration(run.duration)}${run.commit === undefined ? '' : ` at commit ${text(run.commit, 40)}${run.dirty === true ? ' with changes that were not committed' : ''}`}.`,
          '',
        ]),
  ];
}

function columns({ manifest, profile }: GateFilesInput): string[] {
  const all = [
    ...manifest.features.map(({ name, type }) => ({ name, type: String(type) })),
    { name: manifest.target, type: 'target' },
  ];
  const found = new Map(profile?.columns.map((column) => [column.name, column]));
  return [
    '## Features and target',
    '',
    ...table({
      header: ['column', 'type', ...(profile === undefined ? [] : ['missing', 'range', 'most frequent'])],
      rows: all
        .slice(0, SHOWN_FEATURES)
        .concat(all.length > SHOWN_FEATURES ? all.slice(-1) : [])
        .map(({ name, type }) => [
          name,
          type,
          ...(profile === undefined ? [] : profileCells(found.get(name))),
        ]),
    }),
    ...(all.length > SHOWN_FEATURES + 1
      ? [`The first ${SHOWN_FEATURES} of ${all.length - 1} features, and the target.`, '']
      : []),
    ...(profile === undefined
      ? []
      : [
          `Figures are of ${text(`${profile.dataset}:${profile.split}`)}, ${plural(profile.rows, 'row')}.`,
          '',
        ]),
  ];
}

function profileCells(column: ColumnProfile | undefined): string[] {
  if (column === undefined) return ['–', '–', '–'];
  const { rows, missing, minimum, maximum, mean, top } = column;
  const bound = (value: number | string) =>
    typeof value === 'number' ? formatNumber(value) : cutText(value, 40);
  const range =
    minimum === undefined || maximum === undefined ? '' : `${bound(minimum)} to ${bound(maximum)}`;
  return [
    rows === 0 ? '–' : formatShare(missing / rows),
    mean === undefined ? range || '–' : `${range}, mean ${formatNumber(mean)}`,
    top === undefined || rows === 0
      ? '–'
      : top
          .slice(0, SHOWN_VALUES)
          .map(([value, count]) => `${cutText(String(value), 40)} ${formatShare(count / rows)}`)
          .join(', '),
  ];
}

function evaluationPart(input: GateFilesInput): string[] {
  const { evaluation, performance } = input;
  const { dataset, split, rows } = evaluation.test;
  const baselines = foundBaselines(input);
  const { threshold, thresholdChosen } = evaluation;
  return [
    '## Evaluation',
    '',
    `On ${text(`${dataset}:${split}`)}, ${plural(rows, 'row')} that the training never saw; intervals of ${formatNumber(evaluation.confidence * 100)} %.`,
    '',
    ...table({
      header: [
        'metric',
        'value',
        'interval',
        ...baselines.flatMap(({ title }) => [cutText(title), 'difference']),
        `without features (${cutText(evaluation.baseline.strategy, 60)})`,
      ],
      rows: comparedMetrics(input).map((row) => [
        row.name,
        row.value === null ? 'not defined' : formatNumber(row.value),
        formatInterval(row.interval) || '–',
        ...row.baselines.flatMap(({ value, comparison }) => [
          formatNumber(value),
          comparison === undefined ? '–' : `${differenceText(comparison)} ${comparison.verdict}`,
        ]),
        formatNumber(row.trivial),
      ]),
    }),
    ...(threshold === undefined
      ? []
      : [
          `A score of ${formatNumber(threshold)} or more counts as positive${thresholdChosen === undefined ? '' : `, chosen on ${text(`${thresholdChosen.dataset}:${thresholdChosen.split}`)} (${text(thresholdChosen.rule)})`}.`,
          '',
        ]),
    ...(performance === undefined
      ? []
      : [
          `${Object.entries(performance.metrics)
            .filter(([, value]) => value !== null)
            .map(([name, value]) => `${name} ${formatMetric(name, value)}`)
            .join(', ')}, measured on ${text(performance.measuredOn, 300)}.`,
          '',
        ]),
  ];
}

function slices(input: GateFilesInput): string[] {
  const metric = leadingMetric(input);
  const rows = sliceRows(input.evaluation, input.report, metric);
  if (rows.length === 0 || metric === undefined) return [];
  return [
    '### Slices',
    '',
    ...table({
      header: ['slice', 'rows', metric, 'interval', ''],
      rows: rows
        .slice(0, SHOWN_SLICES)
        .map(({ name, slice, gates: failed, flagged }) => [
          cutText(name, 100),
          formatCount(slice.rows),
          formatNumber(slice.metrics[metric]),
          formatInterval(slice.intervals[metric]) || '–',
          failed.length > 0 ? failed.map(verdictWord).join(', ') : flagged.length > 0 ? 'flagged' : '',
        ]),
      alignment: ['left', 'right', 'right'],
    }),
    ...(rows.length > SHOWN_SLICES
      ? [`The ${SHOWN_SLICES} of most concern of ${rows.length}; all are in ${layout.evaluationFile}.`, '']
      : []),
  ];
}

function fairness({ evaluation }: GateFilesInput): string[] {
  return evaluation.fairness.flatMap(({ column, metrics, intervals, groups }) => [
    `### Fairness by ${text(column)}`,
    '',
    ...table({
      header: ['difference', 'value', 'interval'],
      rows: Object.entries(metrics).map(([name, value]) => [
        name,
        formatNumber(value),
        formatInterval(intervals[name]) || '–',
      ]),
    }),
    `Over ${plural(groups.length, 'group')}.`,
    '',
  ]);
}

function limits(input: GateFilesInput): string[] {
  const { evaluation, manifest, profile } = input;
  const flagged = sliceRows(evaluation, input.report, leadingMetric(input)).filter(
    (row) => row.flagged.length > 0 || row.gates.length > 0,
  );
  const notes = [
    ...evaluation.warnings.slice(0, 50).map(({ message }) => message),
    ...(flagged.length === 0
      ? []
      : [
          `Worse than elsewhere, or not shown to be good enough, on ${flagged
            .slice(0, 10)
            .map(({ name }) => cutText(name, 80))
            .join(', ')}${flagged.length > 10 ? ' and others' : ''}.`,
        ]),
    ...(manifest.task === 'custom'
      ? []
      : [
          `The figures hold for rows like those of ${evaluation.test.dataset}:${evaluation.test.split}${profile === undefined ? '' : '; values outside of the ranges above were not learned from'}.`,
        ]),
  ];
  return notes.length === 0
    ? []
    : ['## Limits of use', '', ...notes.map((note) => `- ${text(note, 600)}`), ''];
}

function gates({ report }: GateFilesInput): string[] {
  return [
    '## Gates',
    '',
    countsSentence(report),
    '',
    ...(report.gates.length === 0
      ? []
      : table({
          header: ['', 'gate', 'because'],
          rows: gatesByConcern(report.gates)
            .slice(0, 100)
            .map((gate) => [
              `${concernSigns[concernOf(gate)]} ${verdictWord(gate)}${effectNote(gate)}`,
              cutText(gate.name),
              cutText(gate.because, 400),
            ]),
        })),
  ];
}

function table(content: Table): string[] {
  return [...markdownTable(content), ''];
}

function text(value: string, limit?: number): string {
  return escapeMarkdown(cutText(value, limit));
}
