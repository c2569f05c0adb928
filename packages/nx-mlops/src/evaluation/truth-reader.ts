import { MlopsError, type ClassLabel, type Column, type ModelManifest } from '@nx-mlops/core';
import type { ColumnValues } from '@nx-mlops/runtime';

/** What the target holds, as the metrics take it. */
export type Truth =
  | { readonly task: 'binary-classification'; readonly labels: Uint8Array }
  | { readonly task: 'multiclass-classification'; readonly labels: Uint16Array; readonly classCount: number }
  | { readonly task: 'regression'; readonly targets: Float64Array }
  | { readonly task: 'ranking'; readonly relevance: Float64Array };

/** Takes the target in, batch by batch. */
export interface TruthReader {
  readonly truth: Truth;
  /**
   * @param offset row of the split that the batch begins with
   * @throws MlopsError MLOPS_TARGET_MISSING, MLOPS_UNKNOWN_CLASS, MLOPS_RELEVANCE, each with the row, counted from 0
   */
  take(values: ColumnValues, offset: number, rows: number): void;
}

/** @param where the split as people name it, such as `flights:test` */
export function truthReader(
  { task, classes = [] }: Pick<ModelManifest, 'task' | 'classes'>,
  target: Column,
  rows: number,
  where: string,
): TruthReader {
  const missing = (row: number) =>
    new MlopsError(
      'MLOPS_TARGET_MISSING',
      `row ${row} (counted from 0) has no value of the target "${target.name}", so nothing can be said of its prediction. Leave such rows out in the prepare SQL.`,
      { file: where },
    );
  if (task === 'regression' || task === 'ranking') {
    const targets = new Float64Array(rows);
    const least = task === 'ranking' ? 0 : -Infinity;
    return {
      truth: task === 'ranking' ? { task, relevance: targets } : { task, targets },
      take(values, offset, count) {
        for (let row = 0; row < count; row++) {
          const value = values[row] as number;
          if (Number.isNaN(value)) throw missing(offset + row);
          if (!(value >= least && Math.abs(value) < Infinity))
            throw unfit(value, task, target, offset + row, where);
          targets[offset + row] = value;
        }
      },
    };
  }
  const labels = task === 'multiclass-classification' ? new Uint16Array(rows) : new Uint8Array(rows);
  const indices = new Map<unknown, number>(classes.map((label, index) => [keyOf(label), index]));
  return {
    truth:
      labels instanceof Uint16Array
        ? { task: 'multiclass-classification', labels, classCount: classes.length }
        : { task: 'binary-classification', labels },
    take(values, offset, count) {
      for (let row = 0; row < count; row++) {
        const value = values[row];
        const index = indices.get(value);
        if (index === undefined) {
          throw value === null || value === undefined || Number.isNaN(value)
            ? missing(offset + row)
            : unknownClass(value, target, classes, offset + row, where);
        }
        labels[offset + row] = index;
      }
    },
  };
}

function unfit(value: number, task: string, { name }: Column, row: number, where: string): MlopsError {
  const wanted = task === 'ranking' ? 'a relevance is a number of at least 0' : 'a target is a finite number';
  return new MlopsError(
    task === 'ranking' ? 'MLOPS_RELEVANCE' : 'MLOPS_TARGET_MISSING',
    `row ${row} (counted from 0) has ${name} = ${value}; ${wanted}. Mend it in the prepare SQL, or leave such rows out.`,
    { file: where },
  );
}

/** Booleans are read as 0 and 1. */
function keyOf(label: ClassLabel): unknown {
  return typeof label === 'boolean' ? Number(label) : label;
}

function unknownClass(
  value: unknown,
  target: Column,
  classes: readonly ClassLabel[],
  row: number,
  where: string,
): MlopsError {
  const known = classes.slice(0, 10).map((label) => JSON.stringify(label));
  return new MlopsError(
    'MLOPS_UNKNOWN_CLASS',
    `row ${row} (counted from 0) has ${target.name} = ${JSON.stringify(value)}, a class that the training split did not hold. Known: ${known.join(', ')}${classes.length > known.length ? ', …' : ''}. Divide the splits so that every class is in the training split, or leave such rows out.`,
    { file: where },
  );
}
