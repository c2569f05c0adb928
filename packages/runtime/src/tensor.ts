import type { TensorSignature } from '@nx-mlops/core';

/** Element type of a tensor, in ONNX Runtime's words. */
export type TensorType = TensorSignature['type'];

/**
 * Elements of a tensor, row-major. `bool` is a Uint8Array of 0 and 1; `int64` and `uint64` are BigInt arrays;
 * `float16` is a Uint16Array of raw bits.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** A dense tensor as plain values, so that one can be made without loading ONNX Runtime. */
export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** As many elements as the product of `dims`. */
  readonly data: TensorData;
}

/** An array for `length` elements of a type: numbers 0, strings empty. */
export function allocateTensorData(type: TensorType, length: number): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'float16':
    case 'uint16':
      return new Uint16Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'string':
      return new Array<string>(length).fill('');
    default:
      return type satisfies never;
  }
}
