import { formatNumber } from '../format';
import { formatShare } from '../inline-chart/chart';
import { densityChart } from '../inline-chart/density-chart';
import { valueBars, valueColumns, type ValueShares } from '../inline-chart/value-bars';
import { cutText } from '../html/escape';
import { DRAWN_SERIES } from '../html/styles';
import type { ColumnOfSplit, ColumnView } from './column-view';

/** Most values that a chart of a text column names. */
const NAMED_VALUES = 8;
/** Up to this many distinct numbers each have a bar of their own. */
const UPRIGHT_VALUES = 31;

/** A drawing and what it leaves out, as sentences. */
export interface Distribution {
  readonly svg: string;
  readonly notes: readonly string[];
}

/** The drawing of a column over its first splits; undefined where there is nothing worth drawing. */
export function distributionOf(view: ColumnView, id: string): Distribution | undefined {
  const drawn = view.splits.slice(0, DRAWN_SERIES);
  const title = `Distribution of ${cutText(view.name, 60)} in ${drawn.map(({ split }) => cutText(split, 40)).join(', ')}`;
  const numeric = view.type === 'integer' || view.type === 'number';
  if (drawn.every(({ rows, missing }) => rows === missing)) return undefined;
  if (numeric && isComplete(drawn)) {
    return { svg: valueColumns({ id, title, ...sharesByValue(drawn) }), notes: [] };
  }
  if (drawn.some(({ bins }) => bins !== undefined)) {
    const series = drawn.map(({ split, bins }) => ({
      name: split,
      edges: bins?.edges ?? [],
      counts: bins?.counts ?? [],
      outside: (bins?.under ?? 0) + (bins?.over ?? 0),
    }));
    const svg = densityChart({ id, title, whole: view.type === 'integer', series });
    return { svg, notes: outsideNotes(drawn) };
  }
  if (drawn.some(repeatsValues)) {
    const { shares, notes } = sharesOfMostFrequent(drawn);
    return { svg: valueBars({ id, title, ...shares }), notes };
  }
  return undefined;
}

/** What lies outside of the reference split's bins, which the chart cannot show. */
function outsideNotes(splits: readonly ColumnOfSplit[]): string[] {
  return splits.flatMap(({ split, rows, missing, bins }) => {
    if (bins === undefined) return [];
    const share = (count: number) => formatShare(count / Math.max(1, rows - missing));
    const [low, high] = [bins.edges[0] ?? 0, bins.edges[bins.edges.length - 1] ?? 0];
    const name = cutText(split, 40);
    return [
      ...(bins.under > 0 ? [`${share(bins.under)} of ${name} is below ${formatNumber(low)}`] : []),
      ...(bins.over > 0 ? [`${share(bins.over)} of ${name} is above ${formatNumber(high)}`] : []),
    ];
  });
}

/** Whether the stored values are all there are, and few enough to stand side by side. */
function isComplete(splits: readonly ColumnOfSplit[]): boolean {
  const values = new Set(splits.flatMap(({ top }) => (top ?? []).map(({ label }) => label)));
  return (
    values.size > 0 &&
    values.size <= UPRIGHT_VALUES &&
    splits.every(({ top, other }) => top !== undefined && other === 0)
  );
}

/** Free text and identifiers hold each value once: which ones come first says nothing. */
function repeatsValues({ top }: ColumnOfSplit): boolean {
  return top !== undefined && top.some(({ count }) => count > 1);
}

function sharesByValue(splits: readonly ColumnOfSplit[]): ValueShares {
  const values = new Map(
    splits.flatMap(({ top }) => (top ?? []).map(({ label, value }) => [label, Number(value)] as const)),
  );
  const labels = [...values].sort((a, b) => a[1] - b[1]).map(([label]) => label);
  return { labels, series: splits.map((split) => ({ name: split.split, shares: sharesOf(split, labels) })) };
}

/** The values that are most frequent in any split, in the order of the first; of the others, their share in words. */
function sharesOfMostFrequent(splits: readonly ColumnOfSplit[]): { shares: ValueShares; notes: string[] } {
  const most = new Map<string, number>();
  for (const split of splits) {
    for (const { label, count } of split.top ?? []) {
      most.set(label, Math.max(most.get(label) ?? 0, count / Math.max(1, split.rows - split.missing)));
    }
  }
  const chosen = [...most].sort((a, b) => b[1] - a[1]).slice(0, NAMED_VALUES);
  const first =
    splits[0] === undefined
      ? []
      : sharesOf(
          splits[0],
          chosen.map(([label]) => label),
        );
  const labels = chosen
    .map(([label], index) => ({ label, share: first[index] ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .map(({ label }) => label);
  const series = splits.map((split) => ({ name: split.split, shares: sharesOf(split, labels) }));
  const rest = series.map(({ name, shares }, index) => {
    const { rows, missing } = splits[index] as ColumnOfSplit;
    const left = rows === missing ? 0 : 1 - shares.reduce((sum, share) => sum + share, 0);
    // Below the rounding of a sum of shares there is no row.
    return { name, left: left < 1e-9 ? 0 : left };
  });
  const notes = rest.some(({ left }) => left > 0)
    ? [
        `Other values: ${rest.map(({ name, left }) => `${formatShare(left)} of ${cutText(name, 40)}`).join(', ')}`,
      ]
    : [];
  return { shares: { labels, series }, notes };
}

function sharesOf(split: ColumnOfSplit, labels: readonly string[]): number[] {
  const counts = new Map((split.top ?? []).map(({ label, count }) => [label, count]));
  const total = split.rows - split.missing;
  return labels.map((label) => (total === 0 ? 0 : (counts.get(label) ?? 0) / total));
}
