import type { ColumnType, TensorSignature } from '@nx-mlops/core';

const integers = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const;
const floats = ['float32', 'float64'] as const;
const numbers: readonly TensorSignature['type'][] = [...floats, ...integers];

/**
 * Whether values of a column type go into a tensor without loss of meaning. Numbers go into integer inputs as well,
 * since whole numbers often arrive as floats; each value is then checked when it is encoded. float16 is left out: no
 * typed array of Node 20 holds it.
 */
export function accepts(tensor: TensorSignature['type'], column: ColumnType): boolean {
  switch (column) {
    case 'number':
    case 'integer':
      return numbers.includes(tensor);
    case 'boolean':
      return tensor === 'bool' || numbers.includes(tensor);
    case 'string':
    case 'date':
    case 'datetime':
      return tensor === 'string';
    default:
      return column satisfies never;
  }
}

export function isFloat(tensor: TensorSignature['type']): boolean {
  return (floats as readonly string[]).includes(tensor);
}

/** `float32 [rows, 3]`: an open dimension is `rows` where it comes first, else `?`. */
export function describeTensor({ type, shape }: Pick<TensorSignature, 'type' | 'shape'>): string {
  const sizes = shape.map((size, index) => (size === -1 ? (index === 0 ? 'rows' : '?') : String(size)));
  return `${type} [${sizes.join(', ')}]`;
}
