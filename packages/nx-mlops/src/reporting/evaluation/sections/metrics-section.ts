import type { Comparison } from '@nx-mlops/core';
import { formatNumber } from '../../format';
import { cutText, escapeHtml } from '../../html/escape';
import { htmlTable, type HtmlColumn } from '../../html/table';
import {
  comparedMetrics,
  differenceText,
  formatInterval,
  formatMetric,
  foundBaselines,
  type ComparedMetric,
} from '../compared-metrics';
import type { GateFilesInput } from '../gate-files-input';
import { badge, type Section } from './section';

const comparisonTones: { readonly [verdict in Comparison['verdict']]: string } = {
  better: 'pass',
  'non-inferior': 'pass',
  inconclusive: 'warn',
  worse: 'fail',
};

/** This model beside its baselines, with intervals, and what was shown of the differences. */
export function metricsSection(input: GateFilesInput): Section | undefined {
  const rows = comparedMetrics(input);
  if (rows.length === 0) return undefined;
  const baselines = foundBaselines(input);
  const { confidence, baseline } = input.evaluation;
  const right = 'right' as const;
  const columns: HtmlColumn[] = [
    { title: 'metric' },
    { title: 'this model', alignment: right },
    ...baselines.flatMap(({ title }): HtmlColumn[] => [
      { title: cutText(title, 60), alignment: right },
      { title: 'difference', alignment: right },
    ]),
    ...(rows.some(({ trivial }) => trivial !== undefined)
      ? [{ title: `without features: ${cutText(baseline.strategy, 60)}`, alignment: right }]
      : []),
  ];
  return {
    id: 'metrics',
    title: baselines.length === 0 ? 'Metrics' : 'Challenger and champion',
    body: [
      htmlTable({
        label: 'Metrics of this model and of those it is compared with',
        columns,
        rows: rows.map((row) => [
          metricName(row),
          withInterval(row.value, row.interval),
          ...row.baselines.flatMap(({ value, interval, comparison }) => [
            withInterval(value, interval),
            comparison === undefined ? '<span class="muted">not compared</span>' : difference(comparison),
          ]),
          ...(columns.length > 2 + 2 * baselines.length ? [formatNumber(row.trivial)] : []),
        ]),
      }),
      `<p class="note">↑ higher is better, ↓ lower is better. Below a value is its ${formatNumber(confidence * 100)} % confidence interval. A difference is on the same rows, and above 0 it is an improvement; a gate with <code>versus</code> compares a metric.</p>`,
    ].join('\n'),
  };
}

function metricName({ name, direction, description }: ComparedMetric): string {
  const arrow = direction === undefined ? '' : direction === 'higher' ? '\u00A0↑' : '\u00A0↓';
  const words =
    description === undefined
      ? ''
      : `<span class="small wrap desc">${escapeHtml(cutText(description, 120))}</span>`;
  return `${escapeHtml(cutText(name, 80))}${arrow}${words}`;
}

function withInterval(
  value: number | null | undefined,
  interval: { readonly low: number; readonly high: number } | undefined,
): string {
  const range = formatInterval(interval);
  const figure = value === null ? '<span class="muted">not defined</span>' : formatNumber(value);
  return range === '' ? figure : `${figure}<span class="small">${range}</span>`;
}

function difference(comparison: Comparison): string {
  return `${badge(comparisonTones[comparison.verdict], comparison.verdict)}<span class="small">${differenceText(comparison)}</span>`;
}

/** Speed and size: of this machine, so beside the metrics and without an interval. */
export function performanceSection({ evaluation, performance, baselines, report }: GateFilesInput): Section {
  const values = { 'model-size': evaluation.modelSize, ...performance?.metrics };
  const champions = foundBaselines({ report }).flatMap(({ name, title }) => {
    const size = baselines.get(name)?.modelSize;
    return size === undefined ? [] : [`${title} has ${formatMetric('model-size', size)}`];
  });
  return {
    id: 'performance',
    title: 'Latency and size',
    body: [
      htmlTable({
        label: 'Latency and size',
        columns: [{ title: 'what' }, { title: 'value', alignment: 'right' }],
        rows: Object.entries(values).map(([name, value]) => [
          escapeHtml(name),
          escapeHtml(formatMetric(name, value)),
        ]),
      }),
      `<p class="note">${escapeHtml(
        [
          ...(performance === undefined
            ? ['Latency was not measured.']
            : [`Measured on ${cutText(performance.measuredOn, 300)}.`]),
          ...(champions.length === 0 ? [] : [`${cutText(champions.join(', '), 300)}.`]),
        ].join(' '),
      )}</p>`,
    ].join('\n'),
  };
}
