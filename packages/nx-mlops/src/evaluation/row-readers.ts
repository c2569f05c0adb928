import { MlopsError, type Column } from '@nx-mlops/core';
import type { ColumnValues } from '@nx-mlops/runtime';

/** Takes a column in, batch by batch. */
export interface RowReader<Values> {
  readonly values: Values;
  /**
   * @param offset row of the split that the batch begins with
   * @throws MlopsError naming the row, counted from 0
   */
  take(values: ColumnValues, offset: number, rows: number): void;
}

/**
 * The weight of each row: finite, at least 0.
 *
 * @param where the split as people name it, such as `flights:test`
 */
export function weightReader({ name }: Column, rows: number, where: string): RowReader<Float64Array> {
  const weights = new Float64Array(rows);
  return {
    values: weights,
    take(values, offset, count) {
      for (let row = 0; row < count; row++) {
        const weight = values[row] as number;
        if (!(weight >= 0 && weight < Infinity)) throw badWeight(name, weight, offset + row, where);
        weights[offset + row] = weight;
      }
    },
  };
}

/** @throws MlopsError MLOPS_WEIGHT when no row counts */
export function checkSomeWeight(weights: Float64Array, { name }: Column, where: string): void {
  if (weights.some((weight) => weight > 0)) return;
  throw new MlopsError(
    'MLOPS_WEIGHT',
    `the weight "${name}" is 0 in every row, so nothing can be measured. Give evaluation.weight another column, or leave it out.`,
    { file: where },
  );
}

function badWeight(name: string, weight: number, row: number, where: string): MlopsError {
  const found = Number.isNaN(weight) ? 'no value' : `the value ${weight}`;
  return new MlopsError(
    'MLOPS_WEIGHT',
    `row ${row} (counted from 0) has ${found} of the weight "${name}"; a weight is a number of at least 0. Mend it in the prepare SQL.`,
    { file: where },
  );
}

/** The group that each row belongs to, numbered as they first appear: patients, sessions, queries of a ranking. */
export function groupReader({ name }: Column, rows: number, where: string): RowReader<Uint32Array> {
  const groups = new Uint32Array(rows);
  const codes = new Map<unknown, number>();
  return {
    values: groups,
    take(values, offset, count) {
      for (let row = 0; row < count; row++) {
        const value: unknown = values[row];
        let code = codes.get(value);
        if (code === undefined) {
          if (value === null || value === undefined || Number.isNaN(value)) {
            throw missingGroup(name, offset + row, where);
          }
          code = codes.size;
          codes.set(value, code);
        }
        groups[offset + row] = code;
      }
    },
  };
}

function missingGroup(name: string, row: number, where: string): MlopsError {
  return new MlopsError(
    'MLOPS_GROUP_MISSING',
    `row ${row} (counted from 0) has no value of "${name}", so it is not known which rows it belongs to. Fill it in the prepare SQL, or leave such rows out.`,
    { file: where },
  );
}
