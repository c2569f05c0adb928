import { formatCount, formatDuration, plural } from '../format';
import { codeText, plainText } from './comment-text';
import { markupTable } from './markdown-table';
import { metricChanges, type MetricChange } from './metric-change';
import type { ModelReport, ModelTime, SplitDelta } from './model-report';
import { percentChange, shortNumber, signedNumber } from './number-text';
import { verdictOf, verdictSigns, verdictText } from './verdict';

/** Metrics of a model that the table shows; all are in its details. */
const SHOWN_METRICS = 2;

/** A row a model, in five narrow columns: a phone shows some 40 characters. */
export function summaryTable(models: readonly ModelReport[]): string[] {
  return markupTable({
    header: ['model', 'verdict', 'metrics', 'data', 'time'],
    rows: models.map((model) => [
      codeText(model.project.name, 60),
      `${verdictSigns[verdictOf(model)]} ${verdictText(model)}`,
      metricsCell(model),
      dataCell(model),
      timeCell(model.time),
    ]),
  });
}

function metricsCell(model: ModelReport): string {
  const shown = metricChanges(model).slice(0, SHOWN_METRICS);
  return shown.length === 0 ? '–' : shown.map(metricText).join('<br>');
}

function metricText(change: MetricChange): string {
  const { name, now, before, interval } = change;
  const value =
    before === undefined || before === null
      ? `**${shortNumber(now)}**`
      : `${shortNumber(before)} → **${shortNumber(now)}**`;
  const spread = interval === undefined ? '' : ` (${shortNumber(interval.low)} to ${shortNumber(interval.high)})`;
  const difference = differenceText(change);
  return [`${codeText(name, 40)} ${value}${spread}`, ...(difference === undefined ? [] : [difference])].join('<br>');
}

/** `+0.012 (+0.004 to +0.02), better`; undefined without anything to compare with. */
export function differenceText({ difference, isBetter }: MetricChange): string | undefined {
  if (difference === undefined) return undefined;
  const { value, low, high } = difference;
  const spread = low === undefined || high === undefined ? '' : ` (${signedNumber(low)} to ${signedNumber(high)})`;
  const word = isBetter === undefined ? '' : isBetter ? ', better' : ', worse';
  return `${signedNumber(value)}${spread}${word}`;
}

function dataCell({ splits, schema, datasets }: ModelReport): string {
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
  return lines.length === 0 ? '–' : lines.join('<br>');
}

function splitText({ role, before, now }: SplitDelta): string {
  const name = plainText(role, 20);
  if (before === undefined) return `${name} ${formatCount(now)} rows`;
  return before === now
    ? `${name} changed, ${formatCount(now)} rows as before`
    : `${name} ${formatCount(now)} rows, ${percentChange(before, now)}`;
}

function timeCell({ spent, saved }: ModelTime): string {
  const lines = [
    ...(spent === undefined || (spent === 0 && saved !== undefined) ? [] : [formatDuration(spent)]),
    ...(saved === undefined ? [] : [`${formatDuration(saved)} saved`]),
  ];
  return lines.length === 0 ? '–' : lines.join('<br>');
}
