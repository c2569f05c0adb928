/** Numbers as models and data give them: 32 or 64 bits. */
export type FloatArray = Float32Array | Float64Array;

/** Class indices from 0; a negative one is an error, never a class. */
export type ClassIndices = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** Quotient, or null where it is not defined because the denominator is 0. */
export function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}
