import fc from 'fast-check';
import type { ColumnValues } from '../column-batch';
import { allocateTensorData, type TensorType } from '../tensor';
import { writeColumn, type Feature } from './write-column';

const number: Feature = { name: 'amount', type: 'number' };

function written(type: TensorType, values: ColumnValues, feature: Feature = number) {
  const data = allocateTensorData(type, values.length);
  writeColumn({ type, data, offset: 0, stride: 1 }, values, feature);
  return Array.from(data as ArrayLike<unknown>);
}

describe('writeColumn', () => {
  it.each<[TensorType, ColumnValues, readonly unknown[]]>([
    ['float32', Float64Array.of(1.5, Number.NaN), [1.5, Number.NaN]],
    ['float32', [true, false], [1, 0]],
    ['float32', BigInt64Array.of(7n, -7n), [7, -7]],
    ['float64', Int32Array.of(7), [7]],
    ['int64', Float32Array.of(3, -3), [3n, -3n]],
    ['int64', BigInt64Array.of(2n ** 62n), [2n ** 62n]],
    ['int32', Float64Array.of(2 ** 31 - 1, -(2 ** 31)), [2 ** 31 - 1, -(2 ** 31)]],
    ['uint8', BigInt64Array.of(255n), [255]],
    ['uint64', Float64Array.of(9), [9n]],
    ['bool', [true, false], [1, 0]],
    ['bool', Float32Array.of(1, 0), [1, 0]],
    ['string', ['a', null, ''], ['a', '', '']],
  ])('writes as %s %p', (type, values, expected) => {
    expect(written(type, values)).toEqual(expected);
  });

  it.each<[TensorType, ColumnValues, RegExp]>([
    ['int64', Float32Array.of(1, Number.NaN), /"amount" is missing in row 1 .* fits int64/],
    ['int32', Float32Array.of(0.5), /"amount" is 0.5 in row 0/],
    ['int32', Float64Array.of(2 ** 31), /is 2147483648 in row 0/],
    ['int8', Int32Array.of(0, 0, 128), /is 128 in row 2/],
    ['uint32', Int32Array.of(-1), /is -1 in row 0/],
    ['uint64', BigInt64Array.of(-1n), /is -1 in row 0/],
    ['uint64', Float64Array.of(-1), /is -1 in row 0/],
    ['int64', Float64Array.of(2 ** 53), /is 9007199254740992 in row 0/],
    ['bool', Float32Array.of(2), /is 2 in row 0 .* takes 0 or 1/],
  ])('refuses for %s %p', (type, values, message) => {
    expect(() => written(type, values)).toThrow(
      expect.objectContaining({ code: 'MLOPS_BATCH_VALUE', message: expect.stringMatching(message) }),
    );
  });

  it('puts columns side by side without touching their neighbours', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.float({ noNaN: true }), { minLength: 4, maxLength: 4 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (columns) => {
          const stride = columns.length;
          const data = new Float32Array(4 * stride);
          columns.forEach((values, offset) =>
            writeColumn({ type: 'float32', data, offset, stride }, Float32Array.from(values), number),
          );
          const expected = [0, 1, 2, 3].flatMap((row) => columns.map((values) => values[row]));
          expect(Array.from(data)).toEqual(expected);
        },
      ),
    );
  });
});
