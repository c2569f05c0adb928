import { MlopsError } from '@nx-mlops/core';

/** Arrays that we keep as NumPy files. */
export type NpyData = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Row-major values and their shape. */
export interface NpyArray {
  readonly data: NpyData;
  readonly shape: readonly number[];
}

/** Little-endian, as all platforms of ONNX Runtime are; a byte has no order. */
const constructors = {
  '|u1': Uint8Array,
  '<u2': Uint16Array,
  '<u4': Uint32Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;
type Descr = keyof typeof constructors;

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
/** Magic and version, then the length of the header in two bytes. */
const PREAMBLE = MAGIC.length + 2;
/** The data begins at a multiple of it, so that it can be mapped, or viewed as a typed array, in place. */
const ALIGNMENT = 64;

/**
 * The bytes that stand before the data in a `.npy` file of version 1.0.
 *
 * @throws RangeError when the shape does not hold just the values
 * Source: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function npyHeader({ data, shape }: NpyArray): Uint8Array {
  if (valuesIn(shape) !== data.length) {
    throw new RangeError(`an array of shape [${shape.join(', ')}] cannot hold ${data.length} values`);
  }
  const descr = (Object.keys(constructors) as Descr[]).find((name) => data instanceof constructors[name]);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((PREAMBLE + fields.length + 1) / ALIGNMENT) * ALIGNMENT - PREAMBLE;
  const bytes = Buffer.alloc(PREAMBLE + length, ' ');
  MAGIC.copy(bytes);
  bytes.writeUInt16LE(length, MAGIC.length);
  bytes.write(fields, PREAMBLE, 'latin1');
  bytes.write('\n', bytes.length - 1, 'latin1');
  return bytes;
}

/** The bytes of a typed array, in place. */
export function npyBody({ buffer, byteOffset, byteLength }: NpyData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The keys in the order in which NumPy and we write them. */
const HEADER =
  /^\{'descr': '([|<>=][a-z]\d+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*)\), \} *\n$/;

/**
 * Reads a whole `.npy` file of the types above; the values are a view of the bytes where their place allows it.
 *
 * @param file named in the error
 * @throws MlopsError MLOPS_NPY for anything that is not just such a file: other type, order of rows, version, length
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const refuse = (what: string): MlopsError =>
    new MlopsError('MLOPS_NPY', `is no NumPy file that can be read here: ${what}.`, { file });
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (start.length < PREAMBLE || !start.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw refuse('it does not begin as version 1.0 of the format does');
  }
  const from = PREAMBLE + start.readUInt16LE(MAGIC.length);
  if (start.length < from) throw refuse('its header is cut short');
  const header = start.toString('latin1', PREAMBLE, from);
  const [, descr = '', order, dimensions = ''] = HEADER.exec(header) ?? [];
  if (order === undefined) throw refuse(`its header is ${JSON.stringify(header.trim().slice(0, 200))}`);
  if (order === 'True') throw refuse('its values are in column order; write them with order="C"');
  if (!Object.hasOwn(constructors, descr)) {
    throw refuse(`its type is ${descr}; known are ${Object.keys(constructors).join(', ')}`);
  }
  const shape = dimensions
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const Values = constructors[descr as Descr];
  const length = valuesIn(shape);
  if (start.length - from !== length * Values.BYTES_PER_ELEMENT) {
    throw refuse(
      `its shape [${shape.join(', ')}] takes ${length * Values.BYTES_PER_ELEMENT} bytes, but ${start.length - from} are there`,
    );
  }
  const offset = bytes.byteOffset + from;
  const data =
    offset % Values.BYTES_PER_ELEMENT === 0
      ? new Values(bytes.buffer as ArrayBuffer, offset, length)
      : new Values(Uint8Array.from(bytes.subarray(from)).buffer);
  return { data, shape };
}

function valuesIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
