import { formatNumber } from '../format';
import { linearScale, niceTicks, type Domain } from '../svg/scale';
import { CHART_WIDTH, chartText, formatShare, inlineChart, pixel } from './chart';

/** Counts over bins of any width; series of one chart need not share theirs. */
export interface DensitySeries {
  readonly name: string;
  /** Rising; one more than counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values outside of the bins; they count for the shares and are not drawn. */
  readonly outside: number;
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** Share of the rows for each unit of the axis, which makes bins of unequal width comparable. */
  readonly density: number;
}

const HEIGHT = 132;
const inner = { left: 2, right: CHART_WIDTH - 2, top: 16, bottom: HEIGHT - 20 };
/** About so many bars are drawn; thinner ones are put together. */
const MOST_BARS = 30;
/** Bars more than so many times as dense as the middle row's are cut, else one spike would flatten the rest. */
const CUT = 5;

/**
 * Histograms one over the other as densities: the area of a bar is its share of the rows. The first series is filled,
 * the others are outlines. Long tails are cut off at the sides, spikes at the top, and labelled.
 *
 * @param chart.whole values are whole numbers, so a bin [a, b) holds b - a of them, and the closed last one more
 */
export function densityChart(chart: {
  readonly id: string;
  readonly title: string;
  readonly series: readonly DensitySeries[];
  readonly whole: boolean;
}): string {
  const stored = chart.series.map((item) => ({ name: item.name, bars: barsOf(item, chart.whole) }));
  const domain = domainOfBars(stored[0]?.bars ?? []);
  const least = (domain[1] - domain[0]) / MOST_BARS;
  const series = stored.map(({ name, bars }) => ({ name, bars: mergeThin(bars, least) }));
  const reference = series[0]?.bars ?? [];
  const most = ceiling(series.map(({ bars }) => bars));
  const x = linearScale(domain, [inner.left, inner.right]);
  const y = linearScale([0, most], [inner.bottom, inner.top]);
  const clampedX = (value: number) => Math.min(inner.right, Math.max(inner.left, x(value)));
  const clampedY = (value: number) => Math.max(inner.top - 4, y(value));
  const ticks = niceTicks(domain, 5).filter((tick) => !chart.whole || Number.isInteger(tick));
  return inlineChart({
    id: chart.id,
    title: chart.title,
    description: series.map(({ name, bars }) => `${name}: ${describe(bars)}`).join('. '),
    height: HEIGHT,
    body: [
      ...series.map(({ bars }, index) => {
        const path = outline(bars, clampedX, clampedY);
        return index === 0
          ? `<path class="f0" d="${path}"/><path class="l l0" d="${path}"/>`
          : `<path class="l l${index}" d="${path}"/>`;
      }),
      ...spikeLabels(reference, most, clampedX),
      `<path class="x" d="M0 ${inner.bottom}H${CHART_WIDTH}${ticks.map((tick) => `M${pixel(x(tick))} ${inner.bottom}v4`).join('')}"/>`,
      ...ticks.map((tick) => chartText(labelX(x(tick)), HEIGHT - 4, shortNumber(tick), labelAnchor(x(tick)))),
    ],
  });
}

function barsOf({ edges, counts, outside }: DensitySeries, whole: boolean): Bar[] {
  const total = counts.reduce((sum, count) => sum + count, outside);
  return counts.map((count, index) => {
    const from = clamp(edges[index] as number);
    const next = clamp(edges[index + 1] as number);
    const closed = whole && index === counts.length - 1 ? next + 1 : next;
    // A column of one value has one bin without width.
    const to = closed > from ? closed : from + (Math.abs(from) / 10 || 1);
    const share = total === 0 ? 0 : count / total;
    return { from, to, share, density: share / (to - from) };
  });
}

/** Far from where differences of doubles overflow. */
function clamp(edge: number): number {
  return Math.min(4e307, Math.max(-4e307, edge));
}

/**
 * Bins of equal mass are thin where data is dense, too thin for few rows to fill evenly: thin neighbours are put
 * together. A thin one between wide ones is a value that stands out, and stays.
 */
function mergeThin(bars: readonly Bar[], least: number): Bar[] {
  const merged: Bar[] = [];
  for (const bar of bars) {
    const last = merged[merged.length - 1];
    if (last !== undefined && last.to - last.from < least && bar.to - bar.from < least) {
      const share = last.share + bar.share;
      merged[merged.length - 1] = {
        from: last.from,
        to: bar.to,
        share,
        density: share / (bar.to - last.from),
      };
    } else merged.push(bar);
  }
  return merged;
}

/** All bins, but for an outer one that is wider than all inner ones together: of that a little only. */
function domainOfBars(bars: readonly Bar[]): Domain {
  const first = bars[0];
  const last = bars[bars.length - 1];
  if (first === undefined || last === undefined) return [0, 1];
  if (bars.length === 1) return [first.from - (first.to - first.from), first.to + (first.to - first.from)];
  const middle = last.from - first.to;
  if (bars.length < 4 || middle <= 0) return [first.from, last.to];
  return [Math.max(first.from, first.to - middle / 3), Math.min(last.to, last.from + middle / 3)];
}

/** The density at the top of the chart. */
function ceiling(series: readonly (readonly Bar[])[]): number {
  const highest = Math.max(0, ...series.flat().map(({ density }) => density));
  const reference = [...(series[0] ?? [])].sort((a, b) => a.density - b.density);
  let seen = 0;
  const middle = reference.find(({ share }) => (seen += share) >= 0.5)?.density ?? highest;
  return Math.min(highest, middle * CUT) || 1;
}

function outline(bars: readonly Bar[], x: (value: number) => number, y: (value: number) => number): string {
  const [first] = bars;
  if (first === undefined) return '';
  const steps = bars.map(({ to, density }) => `V${pixel(y(density))}H${pixel(x(to))}`);
  return `M${pixel(x(first.from))} ${inner.bottom}${steps.join('')}V${inner.bottom}`;
}

function spikeLabels(bars: readonly Bar[], most: number, x: (value: number) => number): string[] {
  return bars
    .filter(({ density }) => density > most)
    .sort((a, b) => b.share - a.share)
    .slice(0, 2)
    .map(({ from, to, share }) => {
      const middle = (x(from) + x(to)) / 2;
      return chartText(labelX(middle), 9, `▲ ${formatShare(share)}`, { ...labelAnchor(middle), muted: true });
    });
}

/** Labels at the sides are drawn inwards, so that none is cut. */
function labelAnchor(x: number): { anchor?: 'middle' | 'end'; muted: boolean } {
  if (x < 24) return { muted: true };
  return { anchor: x > CHART_WIDTH - 24 ? 'end' : 'middle', muted: true };
}

function labelX(x: number): number {
  if (x < 24) return Math.max(1, x - 6);
  return x > CHART_WIDTH - 24 ? Math.min(CHART_WIDTH - 1, x + 6) : x;
}

/** A tick that fits: `1500`, `20k`, `3.5M`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(1);
  const [unit, letter] = (
    [
      [1e12, 'T'],
      [1e9, 'G'],
      [1e6, 'M'],
      [1e4, 'k'],
    ] as const
  ).find(([from]) => size >= from) ?? [1, ''];
  return `${formatNumber(value / (letter === 'k' ? 1e3 : unit))}${letter}`;
}

function describe(bars: readonly Bar[]): string {
  const [first] = bars;
  const last = bars[bars.length - 1];
  const densest = [...bars].sort((a, b) => b.density - a.density)[0];
  if (first === undefined || last === undefined || densest === undefined) return 'no values';
  return `bins from ${formatNumber(first.from)} to ${formatNumber(last.to)}, densest from ${formatNumber(densest.from)} to ${formatNumber(densest.to)} with ${formatShare(densest.share)} of the values`;
}
