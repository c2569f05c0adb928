import type { BaselineResult, GateResult, Interval } from '@nx-mlops/core';
import { formatCount, formatDuration, plural } from '../format';
import { codeText, plainText, sentenceText } from './comment-text';
import { markupTable } from './markdown-table';
import { metricChanges } from './metric-change';
import type { DatasetReport, ModelReport } from './model-report';
import { percentChange, shortNumber, unbroken } from './number-text';
import { slicesOfConcern } from './slices-of-concern';
import { differenceLines } from './summary-table';
import { concerningGates, gateSign, verdictOf, verdictSigns, verdictText } from './verdict';
import type { WorkspaceReport } from './workspace-report';

/** A comment is read, not searched: the whole is in the model's own report. */
const MOST = {
  concerns: 15,
  gates: 40,
  metrics: 30,
  slices: 10,
  checks: 10,
  missing: 5,
  features: 10,
  tasks: 15,
};

/** Everything on one model, folded behind a line that says how it stands. */
export function modelDetails(
  model: ModelReport,
  report: Pick<WorkspaceReport, 'now' | 'staleDays'>,
): string[] {
  const { judgement } = model;
  const gates = judgement.kind === 'judged' ? judgement.gates.gates : [];
  return [
    '<details>',
    `<summary>${verdictSigns[verdictOf(model)]} ${codeText(model.project.name)} ${verdictText(model)}</summary>`,
    // Without an empty line Markdown takes what follows for HTML.
    '',
    ...(judgement.kind === 'not-judged' ? [sentenceText(judgement.because), ''] : []),
    ...concernSection(gates),
    ...baselineSection(model, report),
    ...gateSection(gates),
    ...metricSection(model),
    ...sliceSection(model),
    ...dataSection(model),
    ...warningSection(model),
    ...timeSection(model),
    '</details>',
    '',
  ];
}

function concernSection(gates: readonly GateResult[]): string[] {
  const found = concerningGates(gates);
  if (found.length === 0) return [];
  return [
    ...found
      .slice(0, MOST.concerns)
      .map(
        (gate) => `- ${gateSign(gate)} **${codeText(gate.name, 120)}** ${sentenceText(gate.because, 600)}`,
      ),
    ...more(found.length, MOST.concerns, 'gate', '- '),
    '',
  ];
}

function baselineSection(
  { judgement, champion }: ModelReport,
  { now, staleDays }: Pick<WorkspaceReport, 'now' | 'staleDays'>,
): string[] {
  const baselines = judgement.kind === 'judged' ? judgement.gates.baselines : [];
  const lines = baselines.map((baseline) => `- ${baselineText(baseline, now, staleDays)}`);
  if (lines.length === 0 && champion.kind === 'none') lines.push(`- ${sentenceText(champion.because, 400)}`);
  if (lines.length === 0 && champion.kind === 'found') {
    lines.push(
      `- No gate compares; data is compared with version ${champion.modelVersion}, which ${codeText(champion.name, 60)} serves.`,
    );
  }
  return ['**Compared with**', '', ...lines, ''];
}

function baselineText(baseline: BaselineResult, now: Date, staleDays: number): string {
  const { name, modelVersion, commit, registeredAt, rescored, because } = baseline;
  const age = registeredAt === undefined ? undefined : ageInDays(registeredAt, now);
  const facts = [
    ...(modelVersion === undefined ? [] : [`version ${modelVersion}`]),
    ...(commit === undefined ? [] : [`commit ${codeText(commit.slice(0, 9))}`]),
    ...(age === undefined ? [] : [age < 1 ? 'registered today' : `registered ${plural(age, 'day')} ago`]),
    ...(rescored === true ? ['measured anew on these rows'] : []),
  ];
  const stale =
    age !== undefined && age > staleDays
      ? ` ⚠️ **Older than ${plural(staleDays, 'day')}:** what it learnt may be out of date, so beating it may say little.`
      : '';
  return `${codeText(name, 60)}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}. ${sentenceText(because, 400)}${stale}`;
}

/** Whole days; undefined for what is no moment. */
function ageInDays(at: string, now: Date): number | undefined {
  const days = Math.floor((now.getTime() - Date.parse(at)) / 86_400_000);
  return Number.isNaN(days) ? undefined : Math.max(0, days);
}

function gateSection(gates: readonly GateResult[]): string[] {
  if (gates.length === 0) return [];
  return [
    '**Gates**',
    '',
    ...markupTable({
      header: ['', 'gate', 'value'],
      rows: gates
        .slice(0, MOST.gates)
        .map((gate) => [gateSign(gate), codeText(gate.name, 120), gateValue(gate).join('<br>')]),
    }),
    '',
    ...more(gates.length, MOST.gates, 'gate'),
  ];
}

/** A comparison shows both values: its interval, of the difference, is among the metrics. */
function gateValue({ value, interval, versus }: GateResult): string[] {
  if (versus !== undefined && versus.value !== null) {
    return [unbroken(`${shortNumber(versus.value)} → ${shortNumber(value)}`)];
  }
  return [shortNumber(value), ...intervalLines(interval)];
}

function intervalLines(interval: Interval | undefined): string[] {
  return interval === undefined
    ? []
    : [unbroken(`${shortNumber(interval.low)} to ${shortNumber(interval.high)}`)];
}

function metricSection(model: ModelReport): string[] {
  const changes = metricChanges(model);
  const { evaluation } = model;
  if (changes.length === 0 || evaluation === undefined) return [];
  return [
    '**Metrics**',
    '',
    ...markupTable({
      header: [
        'metric',
        'before',
        'now',
        'difference',
        plainText(`dummy: ${evaluation.baseline.strategy}`, 40),
      ],
      rows: changes
        .slice(0, MOST.metrics)
        .map((change) => [
          codeText(change.name, 60),
          shortNumber(change.before),
          [shortNumber(change.now), ...intervalLines(change.interval)].join('<br>'),
          differenceLines(change).map(unbroken).join('<br>') || '–',
          shortNumber(evaluation.baseline.metrics[change.name]),
        ]),
    }),
    '',
    ...more(changes.length, MOST.metrics, 'metric'),
    `On ${plural(evaluation.test.rows, 'row')} of ${codeText(`${evaluation.test.dataset}:${evaluation.test.split}`)}; intervals of ${shortNumber(evaluation.confidence * 100)} %.`,
    '',
  ];
}

function sliceSection({ evaluation }: ModelReport): string[] {
  const found = evaluation === undefined ? [] : slicesOfConcern(evaluation);
  if (found.length === 0) return [];
  return [
    '**Slices of concern**, worse than all rows beyond chance',
    '',
    ...markupTable({
      header: ['slice', 'rows', 'metric', 'there', 'all rows'],
      rows: found
        .slice(0, MOST.slices)
        .map(({ slice, metric, value, overall }) => [
          codeText(`${slice.column}=${slice.value === null ? '(missing)' : String(slice.value)}`, 60),
          formatCount(slice.rows),
          codeText(metric, 40),
          shortNumber(value),
          shortNumber(overall),
        ]),
      right: [1, 3, 4],
    }),
    '',
    ...more(found.length, MOST.slices, 'slice'),
  ];
}

function dataSection({ splits, schema, datasets }: ModelReport): string[] {
  const changes = [
    ...schema.added.map((name) => `new feature ${codeText(name, 60)}`),
    ...schema.removed.map((name) => `feature ${codeText(name, 60)} is gone`),
    ...schema.retyped.map(
      ({ name, before, now }) =>
        `feature ${codeText(name, 60)} is now ${plainText(now)}, was ${plainText(before)}`,
    ),
  ];
  if (splits.length + datasets.length === 0) return [];
  return [
    '**Data**',
    '',
    ...(splits.length === 0
      ? []
      : [
          ...markupTable({
            header: ['split', 'rows before', 'rows now', 'change'],
            rows: splits.map(({ role, reference, before, now, isChanged }) => [
              `${plainText(role, 20)}<br>${codeText(reference, 60)}`,
              before === undefined ? '–' : formatCount(before),
              formatCount(now),
              isChanged === undefined
                ? '–'
                : !isChanged
                  ? 'same bytes'
                  : before === undefined || before === now
                    ? 'other bytes'
                    : percentChange(before, now),
            ]),
            right: [1, 2],
          }),
          '',
        ]),
    ...changes.slice(0, MOST.features).map((line) => `- ${line}`),
    ...more(changes.length, MOST.features, 'change', '- '),
    ...datasets.flatMap(datasetLines),
    '',
  ];
}

function datasetLines({ name, validation, missing }: DatasetReport): string[] {
  const checks = validation?.checks ?? [];
  const found = [
    ...checks.filter(({ verdict }) => verdict === 'fail'),
    ...checks.filter(({ verdict }) => verdict === 'warn'),
  ];
  const state =
    validation === undefined
      ? 'was not validated'
      : !validation.passed
        ? '❌ is not valid'
        : found.length === 0
          ? `✅ valid, ${plural(checks.length, 'check')}`
          : `⚠️ valid, ${plural(found.length, 'warning')}`;
  const most = missing
    .slice(0, MOST.missing)
    .map(({ split, column, share }) => `${codeText(`${split}.${column}`, 60)} ${shareText(share)}`);
  return [
    `- ${codeText(name, 60)} ${state}${most.length === 0 ? '' : `; missing now: ${most.join(', ')}`}`,
    ...found.slice(0, MOST.checks).map(({ split, column, check, because, verdict }) => {
      const place = column === undefined ? split : `${split}.${column}`;
      return `  - ${verdict === 'fail' ? '❌' : '⚠️'} ${codeText(`${place} ${check}`, 100)} ${plainText(because)}`;
    }),
    ...more(found.length, MOST.checks, 'finding', '  - '),
  ];
}

/** `3.1 %`, and never 0 or 100 % for what is not quite that. */
function shareText(share: number): string {
  const percent = share * 100;
  if (percent < 0.05) return '<0.1 %'.replace('<', '&#60;');
  return percent > 99.95 && share < 1 ? '&#62;99.9 %' : `${percent.toFixed(1)} %`;
}

function warningSection({ evaluation }: ModelReport): string[] {
  const warnings = evaluation?.warnings ?? [];
  if (warnings.length === 0) return [];
  return [
    '**How far the figures can be trusted**',
    '',
    ...warnings.slice(0, MOST.checks).map(({ message }) => `- ${plainText(message)}`),
    ...more(warnings.length, MOST.checks, 'warning', '- '),
    '',
  ];
}

function timeSection({ time: { tasks, saved } }: ModelReport): string[] {
  if (tasks.length === 0) return [];
  const shown = tasks.slice(0, MOST.tasks).map(({ project, target, outcome, duration }) => {
    const how = {
      ran: formatDuration(duration),
      cached: 'from the cache',
      failed: `failed after ${formatDuration(duration)}`,
    }[outcome];
    return `${codeText(`${project}:${target}`, 80)} ${how}`;
  });
  return [
    `**Time** ${shown.join(', ')}${tasks.length > MOST.tasks ? `, and ${plural(tasks.length - MOST.tasks, 'more task')}` : ''}.${saved === undefined ? '' : ` The training took ${formatDuration(saved)} when it ran.`}`,
    '',
  ];
}

function more(count: number, shown: number, noun: string, lead = ''): string[] {
  return count > shown
    ? [`${lead}… and ${plural(count - shown, `more ${noun}`)} in the model's own report.`]
    : [];
}
