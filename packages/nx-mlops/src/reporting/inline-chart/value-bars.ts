import { shorten } from '../svg/document';
import { CHART_WIDTH, chartText, formatShare, inlineChart, pixel } from './chart';

/** Shares of named values, one series after the other; each of `shares` has an entry for each label. */
export interface ValueShares {
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly shares: readonly number[] }[];
}

const LABEL_WIDTH = 112;
const BAR_RIGHT = CHART_WIDTH - 44;

/** Horizontal bars, a group for each value; of one or two series each bar tells its share. */
export function valueBars(chart: { readonly id: string; readonly title: string } & ValueShares): string {
  const labelled = chart.series.length <= 2;
  const bar = labelled ? 12 : 7;
  const group = Math.max(18, bar * chart.series.length + 6);
  const most = Math.max(...chart.series.flatMap(({ shares }) => shares), 1e-9);
  const width = (share: number) => ((BAR_RIGHT - LABEL_WIDTH) * share) / most;
  return inlineChart({
    id: chart.id,
    title: chart.title,
    description: describe(chart),
    height: group * chart.labels.length + 4,
    body: chart.labels.flatMap((label, index) => {
      const top = index * group + 2 + (group - bar * chart.series.length) / 2;
      return [
        chartText(LABEL_WIDTH - 8, index * group + 2 + group / 2 + 4, shorten(label, 17), { anchor: 'end' }),
        ...chart.series.flatMap(({ shares }, which) => {
          const share = shares[index] ?? 0;
          const y = top + which * bar;
          const [inset, size] = which === 0 ? [0, bar - 1.5] : [0.8, bar - 3];
          return [
            `<rect class="${which === 0 ? 'f0' : `l l${which}`}" x="${LABEL_WIDTH}" y="${pixel(y + inset)}" width="${pixel(Math.max(share === 0 ? 0 : 1, width(share)))}" height="${pixel(size)}"/>`,
            ...(labelled
              ? [chartText(LABEL_WIDTH + width(share) + 5, y + 9.5, formatShare(share), { muted: true })]
              : []),
          ];
        }),
      ];
    }),
  });
}

/** Upright bars in the order given, for few values of a number: months, hours, ratings. */
export function valueColumns(chart: { readonly id: string; readonly title: string } & ValueShares): string {
  const height = 124;
  const [top, bottom] = [8, height - 20];
  const slot = (CHART_WIDTH - 4) / Math.max(1, chart.labels.length);
  const most = Math.max(...chart.series.flatMap(({ shares }) => shares), 1e-9);
  const y = (share: number) => bottom - ((bottom - top) * share) / most;
  const every = Math.ceil(Math.max(...chart.labels.map((label) => label.length * 7 + 6)) / slot);
  return inlineChart({
    id: chart.id,
    title: chart.title,
    description: describe(chart),
    height,
    body: [
      ...chart.series.map(({ shares }, which) => {
        const gap = which === 0 ? Math.min(6, slot * 0.12) : 0;
        const path = shares.map((share, index) => {
          const [left, right] = [2 + slot * index + gap, 2 + slot * (index + 1) - gap];
          if (which > 0)
            return `${index === 0 ? `M${pixel(left)} ${bottom}` : ''}V${pixel(y(share))}H${pixel(right)}`;
          return `M${pixel(left)} ${bottom}V${pixel(y(share))}H${pixel(right)}V${bottom}z`;
        });
        return `<path class="${which === 0 ? 'f0' : `l l${which}`}" d="${path.join('')}${which === 0 ? '' : `V${bottom}`}"/>`;
      }),
      `<path class="x" d="M0 ${bottom}H${CHART_WIDTH}"/>`,
      ...chart.labels.flatMap((label, index) =>
        index % every === 0
          ? [chartText(2 + slot * (index + 0.5), height - 5, label, { anchor: 'middle', muted: true })]
          : [],
      ),
    ],
  });
}

function describe({ labels, series }: ValueShares): string {
  return series
    .map(({ name, shares }) => {
      const parts = labels.map((label, index) => `${shorten(label, 40)} ${formatShare(shares[index] ?? 0)}`);
      return `${name}: ${parts.slice(0, 12).join(', ')}${parts.length > 12 ? ' and others' : ''}`;
    })
    .join('. ');
}
