/**
 * Values of one column of a batch. A missing string is null (or undefined); a missing number is NaN. A boolean column
 * may also come as numbers 0 and 1.
 */
export type ColumnValues =
  Float32Array | Float64Array | Int32Array | BigInt64Array | readonly (string | null)[] | readonly boolean[];

/** Rows by column: what `predict` takes. Columns that the model does not name are passed over. */
export interface ColumnBatch {
  /** Length of every column that is used. */
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnValues>>;
}
