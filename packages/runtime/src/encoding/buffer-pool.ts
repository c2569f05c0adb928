import { allocateTensorData, type TensorData, type TensorType } from '../tensor';

/** Buffers kept for each element type: more would only serve that many overlapping predictions. */
const KEPT = 16;

/**
 * Arrays that are used again by later batches. Predictions may overlap, so a buffer belongs to one batch from `take`
 * until `give`.
 */
export class BufferPool {
  readonly #free = new Map<TensorType, TensorData[]>();

  /** `data` has just `length` elements, of any value; `whole` is what to give back. */
  take(type: TensorType, length: number): { readonly data: TensorData; readonly whole: TensorData } {
    const free = this.#free.get(type) ?? [];
    const index = free.findIndex((buffer) => buffer.length >= length);
    const whole = (index < 0 ? undefined : free.splice(index, 1)[0]) ?? allocateTensorData(type, length);
    if (whole.length === length) return { data: whole, whole };
    // A string tensor needs an array of its very length; shortening one would lose the memory that it is kept for.
    return { data: Array.isArray(whole) ? whole.slice(0, length) : whole.subarray(0, length), whole };
  }

  give(type: TensorType, whole: TensorData): void {
    const free = this.#free.get(type) ?? [];
    if (free.length < KEPT) this.#free.set(type, [...free, whole]);
  }
}
