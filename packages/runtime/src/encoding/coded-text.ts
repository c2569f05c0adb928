/** Codes below 2^8, 2^16 or 2^32. */
export type CodeArray = Uint8Array | Uint16Array | Uint32Array;

/** A text column by its few distinct values. */
export interface CodedText {
  /** Index into `values`, by row. */
  readonly codes: CodeArray;
  /** The same array in every batch. */
  readonly values: readonly (string | null)[];
}
