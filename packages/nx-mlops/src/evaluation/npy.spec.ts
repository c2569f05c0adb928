import { MlopsError } from '@nx-mlops/core';
import fc from 'fast-check';
import { npyBody, npyHeader, parseNpy, type NpyArray } from './npy';

const written = (array: NpyArray) => Buffer.concat([npyHeader(array), npyBody(array.data)]);

/** Made by numpy.save of NumPy 2.4.6; the spaces after the header, up to 118 bytes with its newline, are put in below. */
const golden: readonly [string, NpyArray, header: string, body: string][] = [
  [
    'float64',
    { data: Float64Array.of(0.1, NaN, Infinity), shape: [3] },
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
    '9a9999999999b93f000000000000f87f000000000000f07f',
  ],
  [
    'float32 of two dimensions',
    { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] },
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }",
    '0000803f0000004000004040000080400000a0400000c040',
  ],
  [
    'uint8',
    { data: Uint8Array.of(1, 0, 255), shape: [3] },
    "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }",
    '0100ff',
  ],
  [
    'uint16',
    { data: Uint16Array.of(1, 65535), shape: [2] },
    "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }",
    '0100ffff',
  ],
  [
    'uint32',
    { data: Uint32Array.of(7, 4294967295), shape: [2] },
    "{'descr': '<u4', 'fortran_order': False, 'shape': (2,), }",
    '07000000ffffffff',
  ],
];

const preamble = Buffer.from('934e554d505901007600', 'hex');
const goldenBytes = (header: string, body: string) =>
  Buffer.concat([preamble, Buffer.from(`${header.padEnd(117)}\n`), Buffer.from(body, 'hex')]);

describe('a NumPy file', () => {
  it.each(golden)('of %s has the bytes that NumPy writes', (_what, array, header, body) => {
    expect(written(array).toString('hex')).toBe(goldenBytes(header, body).toString('hex'));
    expect(parseNpy(goldenBytes(header, body), 'x.npy')).toEqual(array);
  });

  it('gives back what was written, wherever the bytes lie', () => {
    const data = fc.oneof(
      fc.float64Array(),
      fc.float32Array(),
      fc.uint8Array(),
      fc.uint16Array(),
      fc.uint32Array(),
    );
    fc.assert(
      fc.property(data, fc.boolean(), fc.nat(9), (values, flat, shift) => {
        const shape = flat ? [values.length] : [values.length, 1];
        const bytes = Buffer.concat([Buffer.alloc(shift), written({ data: values, shape })]);
        const read = parseNpy(
          new Uint8Array(bytes.buffer, bytes.byteOffset + shift, bytes.length - shift),
          'x',
        );
        expect(read.shape).toEqual(shape);
        expect(read.data.constructor).toBe(values.constructor);
        expect(Array.from(read.data)).toEqual(Array.from(values));
      }),
    );
  });

  const whole = goldenBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", '0000000000000000');
  it.each([
    ['is empty', Buffer.alloc(0), /does not begin/],
    ['is of another kind', Buffer.from('PAR1 and much more of it'), /does not begin/],
    ['is cut short in its header', whole.subarray(0, 40), /header is cut short/],
    ['is cut short in its data', whole.subarray(0, whole.length - 1), /takes 8 bytes, but 7 are there/],
    ['is too long', Buffer.concat([whole, Buffer.of(0)]), /takes 8 bytes, but 9 are there/],
    [
      'is in column order',
      goldenBytes("{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }", '00'.repeat(8)),
      /column order/,
    ],
    [
      'is big-endian',
      goldenBytes("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", '00'.repeat(8)),
      /type is >f8/,
    ],
    [
      'holds objects, which Python would unpickle',
      goldenBytes("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", '00'.repeat(8)),
      /header is .*\|O/,
    ],
  ])('that %s is refused by name', (_what, bytes, message) => {
    const refusal = (): unknown => parseNpy(bytes, 'predictions/scores.npy');
    expect(refusal).toThrow(MlopsError);
    expect(refusal).toThrow(message);
    expect(refusal).toThrow(/^predictions\/scores\.npy: /);
  });

  it('refuses a shape that does not hold the values', () => {
    expect(() => npyHeader({ data: new Float32Array(3), shape: [2, 2] })).toThrow(RangeError);
  });
});
