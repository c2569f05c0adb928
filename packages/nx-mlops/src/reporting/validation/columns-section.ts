import type { CheckResult } from '@nx-mlops/core';
import { formatCount, formatNumber, plural } from '../format';
import { withinBudget } from '../html/budget';
import { cutText, escapeHtml, foreignText } from '../html/escape';
import { DRAWN_SERIES } from '../html/styles';
import { htmlTable } from '../html/table';
import { formatShare } from '../inline-chart/chart';
import { badge } from './findings-section';
import { checksOf, countOf } from './check-summary';
import type { ColumnOfSplit, ColumnView } from './column-view';
import { distributionOf } from './distribution';

/** Characters of markup for the cards of columns, and for the table of all. */
const BUDGET = 2_400_000;
const TABLE_BUDGET = 700_000;
/** Up to this many columns one finds one's way without a table of them. */
const FEW_COLUMNS = 12;
/** Splits that stand side by side in a card, rather than below each other. */
const SIDE_BY_SIDE = 3;
/** Complaints that a card repeats. */
const SHOWN_COMPLAINTS = 6;

interface CheckedColumn {
  readonly view: ColumnView;
  readonly id: string;
  readonly complaints: readonly CheckResult[];
  readonly checks: readonly CheckResult[];
}

/** Every column with its figures and its distribution in all splits; those that a check complained of come first. */
export function columnsSection(views: readonly ColumnView[], checks: readonly CheckResult[]): string {
  if (views.length === 0) {
    return '<section aria-labelledby="columns"><h2 id="columns">Columns</h2><p>The splits were not profiled.</p></section>';
  }
  const columns = checkedColumns(views, checks);
  const weight = ({ complaints }: CheckedColumn) =>
    complaints.some(({ verdict }) => verdict === 'fail')
      ? 0
      : complaints.some(({ verdict }) => verdict === 'warn')
        ? 1
        : 2;
  const sorted = [...columns].sort((a, b) => weight(a) - weight(b));
  const { markup, left } = withinBudget(sorted, BUDGET, card);
  const withCard = new Set(sorted.slice(0, markup.length));
  const splits = Math.max(...views.map((view) => view.splits.length));
  return [
    `<section aria-labelledby="columns"><h2 id="columns">Columns <span class="muted">(${formatCount(views.length)})</span></h2>`,
    `<p class="note">${escapeHtml(howToRead(views))}</p>`,
    ...(splits > DRAWN_SERIES
      ? [
          `<p class="note">Charts draw the first ${DRAWN_SERIES} of ${splits} splits; the figures are of all.</p>`,
        ]
      : []),
    ...(columns.length > FEW_COLUMNS ? [index(columns, withCard)] : []),
    ...(left.length === 0
      ? []
      : [
          `<p class="note">The page has room for ${formatCount(markup.length)} columns in full, those with findings first; the other ${formatCount(left.length)} are in the table alone, and in the profiles.</p>`,
        ]),
    `<div class="cards">\n${markup.join('\n')}\n</div>`,
    '</section>',
  ].join('\n');
}

function howToRead(views: readonly ColumnView[]): string {
  const names = (views.find(({ splits }) => splits.length > 1) ?? views[0])?.splits
    .slice(0, DRAWN_SERIES)
    .map(({ split }) => cutText(split, 40));
  const [reference = '', ...others] = names ?? [];
  const outlines = others.length === 0 ? '' : `, outlined: ${others.join(', ')}`;
  return `Filled: ${reference}${outlines}. In a histogram the area of a bar is its share of the rows.`;
}

function checkedColumns(views: readonly ColumnView[], checks: readonly CheckResult[]): CheckedColumn[] {
  const byColumn = new Map<string, CheckResult[]>();
  for (const check of checks) {
    if (check.column === undefined) continue;
    const own = byColumn.get(check.column) ?? [];
    own.push(check);
    byColumn.set(check.column, own);
  }
  return views.map((view, position) => {
    const own = byColumn.get(view.name) ?? [];
    return { view, id: `c${position + 1}`, complaints: checksOf(own, 'fail', 'warn', 'info'), checks: own };
  });
}

function index(columns: readonly CheckedColumn[], withCard: ReadonlySet<CheckedColumn>): string {
  const { markup, left } = withinBudget(
    columns.map((column) => {
      const { view, id, complaints } = column;
      const [worst] = complaints;
      const name = foreignText(view.name, 80);
      return [
        withCard.has(column) ? `<a href="#${id}">${name}</a>` : name,
        view.type,
        formatShare(Math.max(...view.splits.map(missingShare))),
        formatCount(Math.max(...view.splits.map(({ distinct }) => distinct))),
        worst === undefined ? '' : badge(worst.verdict),
      ];
    }),
    TABLE_BUDGET,
    (cells) => cells.join('\n'),
  );
  return [
    htmlTable({
      label: 'All columns',
      tall: true,
      columns: [
        { title: 'column', wrap: true },
        { title: 'type' },
        { title: 'most missing', alignment: 'right' },
        { title: 'most distinct', alignment: 'right' },
        { title: 'findings' },
      ],
      rows: markup.map((cells) => cells.split('\n')),
    }),
    ...(left.length === 0 ? [] : [`<p class="note">${plural(left.length, 'more column')} not shown.</p>`]),
  ].join('');
}

function card({ view, id, complaints, checks }: CheckedColumn): string {
  const [worst] = complaints;
  const border = worst?.verdict === 'fail' ? ' fails' : worst?.verdict === 'warn' ? ' warns' : '';
  const distribution = distributionOf(view, id);
  return [
    `<article class="card${border}" id="${id}"><div class="head"><h3>${foreignText(view.name)}</h3><span class="muted">${view.type}</span></div>`,
    ...(complaints.length === 0 ? [] : [complaintList(complaints)]),
    distribution === undefined
      ? `<p class="note">${escapeHtml(whyNoChart(view))}</p>`
      : `<figure>${distribution.svg}${distribution.notes.length === 0 ? '' : `<figcaption class="note">${escapeHtml(distribution.notes.join('; '))}.</figcaption>`}</figure>`,
    figures(view),
    ...(checks.length === 0
      ? []
      : [
          `<p class="note">${countOf(checks, 'pass')} of ${plural(checks.length, 'check')} of this column passed.</p>`,
        ]),
    '</article>',
  ].join('');
}

function complaintList(complaints: readonly CheckResult[]): string {
  const shown = complaints
    .slice(0, SHOWN_COMPLAINTS)
    .map(
      ({ verdict, split, check, because }) =>
        `<li>${badge(verdict)} ${foreignText(split, 40)} ${foreignText(check, 40)}: ${escapeHtml(cutText(because, 200))}</li>`,
    );
  const more = complaints.length - shown.length;
  return `<ul>${shown.join('')}${more === 0 ? '' : `<li>and ${more} more, above</li>`}</ul>`;
}

function whyNoChart({ type, splits }: ColumnView): string {
  if (splits.every(({ rows, missing }) => rows === missing)) return 'No values: all are missing.';
  if (type === 'date' || type === 'datetime') return 'Dates have no chart; their range is below.';
  return 'No chart: no value is there twice.';
}

/** Figures of a column: splits side by side where they fit a phone, else one below the other. */
function figures({ name, type, splits }: ColumnView): string {
  const lines = [
    { title: 'missing', of: (split: ColumnOfSplit) => formatShare(missingShare(split)) },
    { title: 'distinct', of: ({ distinct }: ColumnOfSplit) => formatCount(distinct) },
    ...(type === 'integer' || type === 'number'
      ? [
          { title: 'minimum', of: ({ minimum }: ColumnOfSplit) => figure(minimum) },
          { title: 'mean', of: ({ mean }: ColumnOfSplit) => figure(mean) },
          { title: 'std. dev.', of: ({ standardDeviation }: ColumnOfSplit) => figure(standardDeviation) },
          { title: 'maximum', of: ({ maximum }: ColumnOfSplit) => figure(maximum) },
        ]
      : []),
    ...(type === 'date' || type === 'datetime'
      ? [
          { title: 'earliest', of: ({ minimum }: ColumnOfSplit) => figure(minimum) },
          { title: 'latest', of: ({ maximum }: ColumnOfSplit) => figure(maximum) },
        ]
      : []),
  ];
  const label = `Figures of ${cutText(name, 60)} by split`;
  const key = (position: number) => (position < DRAWN_SERIES ? `<span class="key k${position}"></span>` : '');
  const heading = ({ split }: ColumnOfSplit, position: number) => key(position) + foreignText(split, 40);
  const alignment = 'right' as const;
  if (splits.length <= SIDE_BY_SIDE) {
    return htmlTable({
      label,
      columns: [
        { title: '' },
        ...splits.map((split, position) => ({ title: '', markup: heading(split, position), alignment })),
      ],
      rows: lines.map(({ title, of }) => [title, ...splits.map(of)]),
    });
  }
  return htmlTable({
    label,
    columns: [{ title: 'split' }, ...lines.map(({ title }) => ({ title, alignment }))],
    rows: splits.map((split, position) => [heading(split, position), ...lines.map(({ of }) => of(split))]),
  });
}

function figure(value: number | string | undefined): string {
  return typeof value === 'string' ? foreignText(value, 40) : formatNumber(value);
}

function missingShare({ rows, missing }: ColumnOfSplit): number {
  return rows === 0 ? 0 : missing / rows;
}
