import { layout } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../../format';
import { cutText, escapeHtml, foreignText } from '../../html/escape';
import { htmlTable, type HtmlColumn } from '../../html/table';
import { intervalBar } from '../../inline-chart/interval-bar';
import { domainOf } from '../../svg/scale';
import { formatInterval, leadingMetric, metricOrder } from '../compared-metrics';
import type { GateFilesInput } from '../gate-files-input';
import { concernOf, verdictWord } from '../gate-summary';
import { FLAGGED_AT, sliceRows, type SliceRow } from '../slice-rows';
import { badge, type Section } from './section';

const SHOWN_SLICES = 150;
/** Metrics beside the leading one. */
const OTHER_METRICS = 5;

const kindNotes = { declared: '', expression: '', automatic: 'found by itself' } as const;

/** The slices by concern, each with its interval beside that of all rows. */
export function slicesSection(input: GateFilesInput): Section | undefined {
  const { evaluation, report } = input;
  const metric = leadingMetric(input);
  if (evaluation.slices.length === 0 || metric === undefined) return undefined;
  const sorted = sliceRows(evaluation, report, metric);
  const shown = sorted.slice(0, SHOWN_SLICES);
  const all = evaluation.metrics[metric] ?? undefined;
  const domain = domainOf(
    [
      ...shown.flatMap(({ slice }) => {
        const interval = slice.intervals[metric];
        return [slice.metrics[metric] ?? NaN, interval?.low ?? NaN, interval?.high ?? NaN];
      }),
      all ?? NaN,
    ],
    0.06,
  );
  const others = metricOrder(input)
    .filter((name) => name !== metric && evaluation.slices.some(({ metrics }) => metrics[name] !== undefined))
    .slice(0, OTHER_METRICS);
  const right = 'right' as const;
  const columns: HtmlColumn[] = [
    { title: 'slice' },
    { title: 'rows', alignment: right },
    { title: metric, alignment: right },
    { title: `interval, all rows dashed` },
    { title: 'concern' },
    ...others.map((title) => ({ title, alignment: right })),
  ];
  return {
    id: 'slices',
    title: 'Slices',
    body: [
      htmlTable({
        label: `Slices by ${metric}, those of concern first`,
        tall: shown.length > 20,
        columns,
        rows: shown.map((row) => [
          sliceName(row),
          formatCount(row.slice.rows),
          `${formatNumber(row.slice.metrics[metric])}<span class="small">${formatInterval(row.slice.intervals[metric])}</span>`,
          bar(row, metric, domain, all),
          concerns(row),
          ...others.map((name) => formatNumber(row.slice.metrics[name])),
        ]),
      }),
      ...(sorted.length > shown.length
        ? [
            `<p class="note">${plural(sorted.length - shown.length, 'more slice')} in ${layout.evaluationFile}.</p>`,
          ]
        : []),
      `<p class="note">Slices are flagged where they are worse than the other rows at an adjusted p of ${FLAGGED_AT} or less (Benjamini and Hochberg, over all slices). Those found by themselves are for exploration, not for gates.</p>`,
    ].join('\n'),
  };
}

function sliceName({ name, slice }: SliceRow): string {
  const note = kindNotes[slice.kind];
  return `${foreignText(name, 100)}${note === '' ? '' : `<span class="small">${note}</span>`}`;
}

function bar(
  { slice, gates, flagged }: SliceRow,
  metric: string,
  domain: readonly [number, number],
  all: number | undefined,
): string {
  const value = slice.metrics[metric];
  if (value === undefined || value === null) return '';
  const [worst] = gates.map(concernOf).sort((a, b) => tones.indexOf(a) - tones.indexOf(b));
  return intervalBar({
    value,
    ...slice.intervals[metric],
    domain,
    ...(all === undefined ? {} : { reference: all }),
    tone: worst ?? (flagged.length > 0 ? 'warn' : 'info'),
  });
}

const tones = ['fail', 'warn', 'info', 'skip', 'pass'];

function concerns({ gates, flagged }: SliceRow): string {
  return [
    ...gates.map(
      (gate) =>
        `${badge(concernOf(gate), verdictWord(gate))} <span class="small">${foreignText(gate.name, 80)}</span>`,
    ),
    ...(flagged.length === 0
      ? []
      : [
          `${badge('warn', 'flagged')} <span class="small">worse ${escapeHtml(
            flagged
              .map(({ metric, adjustedP }) => `${cutText(metric, 60)}, p ${formatNumber(adjustedP)}`)
              .join('; '),
          )}</span>`,
        ]),
  ].join(' ');
}
