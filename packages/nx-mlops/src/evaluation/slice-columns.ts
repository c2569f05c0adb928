import { MlopsError, type SliceValue } from '@nx-mlops/core';
import type { CodeArray } from '@nx-mlops/runtime';
import { unstableParts } from '../data/prepare/unstable-sql';
import type { CodedExpression, SplitFile } from '../data/split-file';
import { allocateCodes, type CodedColumn } from './coded-column';
import type { SliceSource } from './split-columns';

/** Most distinct values of a slice: beyond, it is an identifier or a quantity, and no slice says anything. */
export const maximumSliceValues = 10_000;
/** Slices of a column that are kept: the largest ones. */
export const keptSlices = 100;
/** A feature with more distinct values is no automatic slice. */
export const automaticSliceValues = 20;
/** Features that are sliced automatically: each costs another pass of all metrics over the rows. */
export const automaticSliceColumns = 20;

/** A slice over the rows of a split. */
export interface SliceColumn extends CodedColumn {
  readonly kind: SliceSource['kind'];
  /** Smaller values beyond `keptSlices`. */
  readonly leftOut: number;
}

/** Gathers the codes of a slice, batch by batch. */
export interface SliceReader {
  readonly coded: CodedExpression;
  take(codes: CodeArray, at: number): void;
  /** When all rows were taken. */
  readonly column: SliceColumn;
}

/**
 * Looks up which values each slice has. Automatic ones with one value or too many are left out.
 *
 * @param rows of the split
 * @param where the split as people name it, such as `flights:test`
 * @param configFile relative to the workspace
 * @throws MlopsError MLOPS_SLICE_VALUES when a slice has too many values, MLOPS_SLICE_SQL for an expression that is none
 */
export async function sliceReaders(
  split: SplitFile,
  sources: readonly SliceSource[],
  { rows, where, configFile }: { readonly rows: number; readonly where: string; readonly configFile: string },
): Promise<{ readonly readers: SliceReader[]; readonly automaticLeftOut: readonly string[] }> {
  const readers: SliceReader[] = [];
  for (const source of sources.filter(({ kind }) => kind !== 'automatic')) {
    const coded = await encode(split, source, configFile);
    if (coded === undefined) throw tooMany(source, where, configFile);
    readers.push(sliceReader(source, coded, rows));
  }
  const automatic = sources.filter(({ kind }) => kind === 'automatic');
  // Of some rows first, for all at once: counting all values of an identifier takes long.
  const counts = await split.countFirstDistinct(automatic);
  const automaticLeftOut: string[] = [];
  let columns = 0;
  for (const [index, source] of automatic.entries()) {
    if ((counts[index] as number) > automaticSliceValues) continue;
    const coded = await split.encodeColumn(source, automaticSliceValues);
    if (coded === undefined || coded.values.length < 2) continue;
    columns += 1;
    if (columns > automaticSliceColumns) automaticLeftOut.push(source.name);
    else readers.push(sliceReader(source, coded, rows));
  }
  return { readers, automaticLeftOut };
}

function encode(
  split: SplitFile,
  { name, sql, path }: SliceSource,
  file: string,
): Promise<CodedExpression | undefined> {
  if (sql === undefined) return split.encodeColumn({ name }, maximumSliceValues);
  const unstable = unstableParts(sql);
  if (unstable.length > 0) {
    throw new MlopsError(
      'MLOPS_SLICE_SQL',
      `${unstable.join(', ')} gives another result each time, so its slices would not be those of the same rows. Make such a column in the prepare step, with a seed.`,
      { file, path },
    );
  }
  return split.encodeExpression(sql, maximumSliceValues, { file, path });
}

function sliceReader({ name, kind }: SliceSource, coded: CodedExpression, rows: number): SliceReader {
  const ranked = coded.values
    .map((value, code) => ({ value, code, rows: coded.counts[code] as number }))
    .sort((a, b) => b.rows - a.rows || compare(a.value, b.value));
  const kept = ranked.slice(0, keptSlices);
  const place = new Uint32Array(coded.values.length).fill(kept.length);
  for (const [index, { code }] of kept.entries()) place[code] = index;
  const codes = allocateCodes(rows, kept.length);
  return {
    coded,
    take(batch, at) {
      for (let row = 0; row < batch.length; row++) codes[at + row] = place[batch[row] as number] as number;
    },
    column: {
      name,
      kind,
      values: kept.map(({ value }) => value),
      codes,
      leftOut: ranked.length - kept.length,
    },
  };
}

/** Numbers by size, text by code unit, missing values last. */
function compare(a: SliceValue, b: SliceValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function tooMany({ name, path }: SliceSource, where: string, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_SLICE_VALUES',
    `"${name}" has more than ${maximumSliceValues} distinct values in ${where}, too many to measure one by one. Slice by something that groups rows, such as a band or a region made in the prepare SQL or by an expression.`,
    { file, path },
  );
}
