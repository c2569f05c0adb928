import { fairnessMetrics, type Evaluation, type FairnessResult } from '@nx-mlops/core';
import { formatCount, formatNumber } from '../../format';
import { escapeHtml, foreignText } from '../../html/escape';
import { htmlTable } from '../../html/table';
import { intervalBar } from '../../inline-chart/interval-bar';
import { domainOf } from '../../svg/scale';
import { formatInterval } from '../compared-metrics';
import { sliceValueText } from '../gate-summary';
import type { Section } from './section';

const SHOWN_GROUPS = 60;

/** The rates of the groups, and how far they lie apart. */
export function fairnessSection({ fairness }: Evaluation): Section | undefined {
  if (fairness.length === 0) return undefined;
  return { id: 'fairness', title: 'Fairness', body: fairness.map(column).join('\n') };
}

function column(result: FairnessResult): string {
  const { groups, minRows, metrics, intervals } = result;
  const right = 'right' as const;
  const shown = groups.slice(0, SHOWN_GROUPS);
  const domain = domainOf(
    shown.flatMap(({ selectionRate, selectionRateInterval }) => [
      selectionRate ?? NaN,
      selectionRateInterval?.low ?? NaN,
      selectionRateInterval?.high ?? NaN,
    ]),
    0.08,
  );
  return [
    `<h3>By ${foreignText(result.column, 80)}</h3>`,
    htmlTable({
      label: `Differences between the groups of ${result.column}`,
      columns: [
        { title: 'difference' },
        { title: 'value', alignment: right },
        { title: 'meaning', wrap: true },
      ],
      rows: Object.entries(metrics).map(([name, value]) => [
        escapeHtml(name),
        `${value === null ? '<span class="muted">not defined</span>' : formatNumber(value)}<span class="small">${formatInterval(intervals[name])}</span>`,
        escapeHtml(
          Object.hasOwn(fairnessMetrics, name)
            ? fairnessMetrics[name as keyof typeof fairnessMetrics].description
            : '',
        ),
      ]),
    }),
    htmlTable({
      label: `Rates of the groups of ${result.column}`,
      tall: shown.length > 20,
      columns: [
        { title: 'group' },
        { title: 'rows', alignment: right },
        { title: 'predicted positive', alignment: right },
        { title: 'interval' },
        { title: 'true positive rate', alignment: right },
        { title: 'false positive rate', alignment: right },
        { title: 'ECE', alignment: right },
      ],
      rows: shown.map((group) => [
        foreignText(sliceValueText(group.value), 80) +
          (group.rows < minRows ? '<span class="small">too few rows to judge</span>' : ''),
        formatCount(group.rows),
        `${formatNumber(group.selectionRate)}<span class="small">${formatInterval(group.selectionRateInterval)}</span>`,
        group.selectionRate === null
          ? ''
          : intervalBar({
              value: group.selectionRate,
              ...group.selectionRateInterval,
              domain,
              tone: group.rows < minRows ? 'skip' : 'info',
            }),
        formatNumber(group.truePositiveRate),
        formatNumber(group.falsePositiveRate),
        formatNumber(group.ece),
      ]),
    }),
    ...(groups.length > shown.length
      ? [`<p class="note">The first ${shown.length} of ${groups.length} groups.</p>`]
      : []),
  ].join('\n');
}
