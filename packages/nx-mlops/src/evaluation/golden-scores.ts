import { fromJsonNumber, type Golden } from '@nx-mlops/core';
import type { ColumnBatch, ColumnValues, LoadedModel } from '@nx-mlops/runtime';

/**
 * What a model answers to golden rows: by row its scores, one or one a class.
 *
 * @throws MlopsError of the model's `predict`
 */
export async function goldenScores(
  model: Pick<LoadedModel, 'predict'>,
  golden: Pick<Golden, 'features' | 'rows'>,
): Promise<number[][]> {
  const rows = golden.rows.length;
  const scores = await model.predict(batchOf(golden));
  const width = rows === 0 ? 0 : scores.length / rows;
  return golden.rows.map((_, row) => Array.from(scores.subarray(row * width, (row + 1) * width)));
}

/** With the array types in which a split is read, so that the model's input is encoded alike. */
function batchOf({ features, rows }: Pick<Golden, 'features' | 'rows'>): ColumnBatch {
  const columns = features.map(({ name, type }, index): [string, ColumnValues] => {
    const values = rows.map((row) => row.values[index] ?? null);
    switch (type) {
      case 'integer':
      case 'number':
        return [name, Float64Array.from(values, (value) => fromJsonNumber(value as number | null))];
      case 'boolean':
        return [name, Float32Array.from(values, (value) => (value === null ? Number.NaN : Number(value)))];
      case 'string':
      case 'date':
      case 'datetime':
        return [name, values as (string | null)[]];
    }
  });
  return { rows: rows.length, columns: Object.fromEntries(columns) };
}
