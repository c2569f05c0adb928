import { formatCount, formatDuration, plural } from '../format';
import { codeText, plainText } from './comment-text';
import { markupTable } from './markdown-table';
import { metricChanges, type MetricChange } from './metric-change';
import type { ModelReport, ModelTime, SplitDelta } from './model-report';
import { percentChange, shortNumber, signedNumber, unbroken } from './number-text';
import { verdictOf, verdictSigns, verdictWords } from './verdict';

/** Metrics of a model that the table shows at most; all are in its details. */
const SHOWN_METRICS = 2;

/** A row a model, in five narrow columns. A line of a cell is never broken, else a phone shows a word a line. */
export function summaryTable(models: readonly ModelReport[]): string[] {
  return markupTable({
    header: ['model', 'verdict', 'metrics', 'data', 'time'],
    rows: models.map((model) => [
      codeText(model.project.name, 60),
      unbroken(`${verdictSigns[verdictOf(model)]} ${verdictWords[verdictOf(model)]}`),
      cell(mainMetrics(model).flatMap(metricLines)),
      cell(dataLines(model)),
      cell(timeLines(model.time)),
    ]),
  });
}

function cell(lines: readonly string[]): string {
  return lines.length === 0 ? '–' : lines.map(unbroken).join('<br>');
}

/** Those that gates look at over all rows, else the first. */
function mainMetrics(model: ModelReport): MetricChange[] {
  const changes = metricChanges(model);
  const gated = changes.filter(({ isGated }) => isGated);
  return gated.length === 0 ? changes.slice(0, 1) : gated.slice(0, SHOWN_METRICS);
}

/** Value, then the interval: of the difference where a gate measured it, for that is what decides. */
function metricLines(change: MetricChange): string[] {
  const { name, now, before, interval, difference } = change;
  const value = before === undefined || before === null ? '' : `${shortNumber(before)} → `;
  // The name apart: beside the value it would be broken at its dashes where there is little room.
  const head = [codeText(name, 40), `${value}**${shortNumber(now)}**`];
  if (difference?.low !== undefined) return [...head, ...differenceLines(change)];
  return [
    ...head,
    ...(interval === undefined ? [] : [`${shortNumber(interval.low)} to ${shortNumber(interval.high)}`]),
    ...differenceLines(change),
  ];
}

/** `+0.012, better` and `+0.004 to +0.02`; nothing without anything to compare with, no verdict that no gate has given. */
export function differenceLines({ difference, verdict }: MetricChange): string[] {
  if (difference === undefined) return [];
  const { value, low, high } = difference;
  const word = verdict === undefined ? '' : `, ${verdict}`;
  return [
    `${signedNumber(value)}${word}`,
    ...(low === undefined || high === undefined ? [] : [`${signedNumber(low)} to ${signedNumber(high)}`]),
  ];
}

function dataLines({ splits, schema, datasets }: ModelReport): string[] {
  const changed = splits.filter(({ isChanged }) => isChanged === true).map(splitText);
  const isCompared = splits.some(({ isChanged }) => isChanged !== undefined);
  const features = schema.added.length + schema.removed.length + schema.retyped.length;
  const invalid = datasets.filter(({ validation }) => validation?.passed === false);
  const warnings = datasets.flatMap(({ validation }) =>
    (validation?.checks ?? []).filter(({ verdict }) => verdict === 'warn'),
  ).length;
  const lines = [
    ...invalid.map(({ name }) => `❌ ${codeText(name, 40)} is not valid`),
    ...changed,
    ...(features === 0 ? [] : [`${plural(features, 'feature')} changed`]),
    ...(warnings === 0 ? [] : [`⚠️ ${plural(warnings, 'warning')}`]),
  ];
  if (isCompared && changed.length + features === 0) lines.push('unchanged');
  if (!isCompared) {
    lines.push(...splits.map(({ role, now }) => `${plainText(role, 20)} ${plural(now, 'row')}`));
  }
  return lines;
}

function splitText({ role, before, now }: SplitDelta): string {
  const name = plainText(role, 20);
  if (before === undefined) return `${name} ${formatCount(now)} rows`;
  return before === now ? `${name} has other rows` : `${name} ${percentChange(before, now)} rows`;
}

function timeLines({ spent, saved }: ModelTime): string[] {
  return [
    ...(spent === undefined || (spent === 0 && saved !== undefined) ? [] : [formatDuration(spent)]),
    ...(saved === undefined ? [] : [`saved ${formatDuration(saved)}`]),
  ];
}
