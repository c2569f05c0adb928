import { MlopsError } from '../errors/mlops-error';
import { sha256OfBytes } from '../files/sha256';
import { DistinctSketch } from '../statistics/distinct-sketch';
import type { ColumnProfile, Profile } from './profile';

/**
 * The profile of the rows of two profiles together. Counts are exact; mean and deviations agree with those of all rows
 * at once to rounding.
 *
 * @throws MlopsError MLOPS_PROFILE_MISMATCH when columns, bins or vocabularies differ: the profile of one of them was not
 *   made with those of the other as its reference
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  const names = (profile: Profile) =>
    JSON.stringify(profile.columns.map(({ name, type }) => `${name}: ${type}`));
  if (names(a) !== names(b)) throw mismatch(a, b, `their columns differ, ${names(a)} and ${names(b)}`);
  return {
    version: 1,
    dataset: a.dataset,
    split: a.split === b.split ? a.split : `${a.split}+${b.split}`,
    sha256: sha256OfBytes(`${a.sha256}+${b.sha256}`),
    rows: a.rows + b.rows,
    columns: a.columns.map((column, index) => {
      try {
        return mergeColumns(column, b.columns[index] as ColumnProfile);
      } catch (error) {
        if (error instanceof BinsDiffer) throw mismatch(a, b, `${error.message} of "${column.name}" differ`);
        throw error;
      }
    }),
  };
}

class BinsDiffer extends Error {}

function mismatch(a: Profile, b: Profile, why: string): MlopsError {
  return new MlopsError(
    'MLOPS_PROFILE_MISMATCH',
    `The profiles ${a.dataset}:${a.split} and ${b.dataset}:${b.split} cannot be added up: ${why}. Both must be counted over the bins of one reference profile.`,
  );
}

function mergeColumns(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  const sketch =
    a.sketch === undefined || b.sketch === undefined
      ? undefined
      : DistinctSketch.parse(a.sketch).merge(DistinctSketch.parse(b.sketch));
  const top = mergeTop(a, b);
  return {
    name: a.name,
    type: a.type,
    rows: a.rows + b.rows,
    missing: a.missing + b.missing,
    distinct: distinctOf(top, sketch) ?? Math.max(a.distinct, b.distinct),
    ...(sketch === undefined ? {} : { sketch: sketch.toString() }),
    ...extreme('minimum', a, b, -1),
    ...extreme('maximum', a, b, 1),
    ...mergeMoments(a, b),
    ...mergeHistograms(a, b),
    ...top,
  };
}

type Values = Pick<ColumnProfile, 'top' | 'otherCount'>;

/** Distinct values: exact where every value is among the top ones, else by the sketch; undefined without either. */
export function distinctOf(
  { top, otherCount }: Values,
  sketch: DistinctSketch | undefined,
): number | undefined {
  if (top !== undefined && otherCount === 0) return top.filter(([, count]) => count > 0).length;
  return sketch?.estimate();
}

function extreme<Key extends 'minimum' | 'maximum'>(
  key: Key,
  a: ColumnProfile,
  b: ColumnProfile,
  sign: number,
): { [K in Key]?: number | string } {
  const [left, right] = [a[key], b[key]];
  const kept = left === undefined || (right !== undefined && sign * compare(right, left) > 0) ? right : left;
  return kept === undefined ? {} : ({ [key]: kept } as { [K in Key]?: number | string });
}

/** Text as DuckDB orders it: by its UTF-8 bytes. */
function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

type Moments = Pick<ColumnProfile, 'finite' | 'mean' | 'squaredDeviations' | 'standardDeviation'>;

/** Chan, Golub and LeVeque's update, which loses nothing where the means are far from zero. */
function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.finite === undefined || b.finite === undefined) return {};
  if (a.finite === 0 || b.finite === 0) {
    const { finite, mean, squaredDeviations, standardDeviation } = a.finite === 0 ? b : a;
    return dropUndefined({ finite, mean, squaredDeviations, standardDeviation });
  }
  const finite = a.finite + b.finite;
  const [meanA, meanB] = [a.mean ?? 0, b.mean ?? 0];
  const difference = meanB - meanA;
  const squaredDeviations =
    (a.squaredDeviations ?? 0) +
    (b.squaredDeviations ?? 0) +
    difference * difference * ((a.finite * b.finite) / finite);
  return dropUndefined({ ...momentsOf(finite, meanA + difference * (b.finite / finite), squaredDeviations) });
}

/** Figures as a profile holds them; those that are too large for a number are left out. */
export function momentsOf(finite: number, mean: number, squaredDeviations: number): Moments {
  const deviation = finite > 1 ? Math.sqrt(squaredDeviations / (finite - 1)) : undefined;
  return dropUndefined({
    finite,
    mean: finiteOr(mean),
    squaredDeviations: finiteOr(squaredDeviations),
    standardDeviation: finiteOr(deviation),
  });
}

function finiteOr(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

function mergeHistograms(
  { histogram: a }: ColumnProfile,
  { histogram: b }: ColumnProfile,
): Pick<ColumnProfile, 'histogram'> {
  if (a === undefined && b === undefined) return {};
  if (a === undefined || b === undefined || !sameItems(a.edges, b.edges)) throw new BinsDiffer('the bins');
  return {
    histogram: {
      edges: a.edges,
      counts: a.counts.map((count, bin) => count + (b.counts[bin] as number)),
      under: (a.under ?? 0) + (b.under ?? 0),
      over: (a.over ?? 0) + (b.over ?? 0),
    },
  };
}

function mergeTop(a: ColumnProfile, b: ColumnProfile): Values {
  if (a.top === undefined && b.top === undefined) return {};
  const values = ({ top }: ColumnProfile) => top?.map(([value]) => value) ?? [];
  if (a.top === undefined || b.top === undefined || !sameItems(values(a), values(b))) {
    throw new BinsDiffer('the vocabularies');
  }
  return {
    top: a.top.map(([value, count], index): [typeof value, number] => [
      value,
      count + (b.top as NonNullable<typeof b.top>)[index]![1],
    ]),
    otherCount: (a.otherCount ?? 0) + (b.otherCount ?? 0),
  };
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/**
 * A quantile as the histogram of a profile tells it, straight between the edges of a bin.
 *
 * @param share in [0, 1]
 * @returns undefined for a column without a histogram or without a value in it
 */
export function profileQuantile({ histogram }: ColumnProfile, share: number): number | undefined {
  if (histogram === undefined) return undefined;
  const total = histogram.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [bin, count] of histogram.counts.entries()) {
    const [from = 0, to = 0] = histogram.edges.slice(bin, bin + 2);
    if (count > 0 && left <= count) return from + (to - from) * (left / count);
    left -= count;
  }
  return histogram.edges.at(-1);
}
