import type { ColumnProfile, Profile } from '@nx-mlops/core';

/** Numeric bins of one split, as a chart needs them. */
export interface Bins {
  /** Rising; one more than counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Rows outside all bins, which are those of the reference split. */
  readonly under: number;
  readonly over: number;
}

export interface ValueCount {
  /** As people read it: an empty text and spaces at its ends are made visible. */
  readonly label: string;
  readonly value: string | number | boolean;
  readonly count: number;
}

/** One column in one split. */
export interface ColumnOfSplit {
  readonly split: string;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: number;
  readonly minimum: number | string | undefined;
  readonly maximum: number | string | undefined;
  readonly mean: number | undefined;
  readonly standardDeviation: number | undefined;
  readonly bins: Bins | undefined;
  /** The most frequent values, and the rows with any other. */
  readonly top: readonly ValueCount[] | undefined;
  readonly other: number;
}

/** A column across the splits that have it, the reference first. */
export interface ColumnView {
  readonly name: string;
  readonly type: ColumnProfile['type'];
  readonly splits: readonly ColumnOfSplit[];
}

/** The split that the others are shown against comes first: `train` where there is one. */
export function referenceFirst<Item extends { readonly split: string }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => Number(b.split === 'train') - Number(a.split === 'train'));
}

/** What the report shows of profiles: the one place of it that knows their stored form. */
export function columnViews(profiles: readonly Profile[]): ColumnView[] {
  const views = new Map<string, { type: ColumnProfile['type']; splits: ColumnOfSplit[] }>();
  for (const profile of referenceFirst(profiles)) {
    for (const column of profile.columns) {
      const view = views.get(column.name) ?? { type: column.type, splits: [] };
      view.splits.push(columnOfSplit(profile.split, column));
      views.set(column.name, view);
    }
  }
  return [...views].map(([name, { type, splits }]) => ({ name, type, splits }));
}

function columnOfSplit(split: string, column: ColumnProfile): ColumnOfSplit {
  return {
    split,
    rows: column.rows,
    missing: column.missing,
    distinct: column.distinct,
    minimum: column.minimum,
    maximum: column.maximum,
    mean: column.mean,
    standardDeviation: column.standardDeviation,
    bins: binsOf(column.histogram),
    top: column.top?.map(([value, count]) => ({ label: valueLabel(value), value, count })),
    other: column.otherCount ?? 0,
  };
}

function binsOf(histogram: ColumnProfile['histogram']): Bins | undefined {
  if (histogram === undefined || histogram.counts.length === 0) return undefined;
  const { edges, counts, under = 0, over = 0 } = histogram;
  return { edges, counts, under, over };
}

function valueLabel(value: string | number | boolean): string {
  if (value === '') return '(empty)';
  return typeof value === 'string' && value.trim() !== value ? JSON.stringify(value) : String(value);
}
