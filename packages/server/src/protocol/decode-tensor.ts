import type { TensorSignature } from '@nx-mlops/core';
import { allocateTensorData, datatypeOf, type Tensor, type TensorType } from '@nx-mlops/runtime';
import { flattenData } from './flatten-data';
import type { RequestTensor } from './infer-request';
import { badRequest, ProtocolError } from './protocol-error';

/**
 * A JSON tensor as the model takes it.
 *
 * Numbers of FP32 and FP64 may be null, which JSON has in place of NaN and which stands for missing; a null in BYTES
 * is the empty string. 64-bit integers must be exact in JSON, that is within ±2^53.
 *
 * @throws ProtocolError 400 naming the input, the element and what was expected; 501 for FP16, which JSON cannot carry
 */
export function decodeTensor(input: RequestTensor, expected: TensorSignature): Tensor {
  const datatype = datatypeOf(expected.type);
  if (input.datatype !== datatype) {
    throw badRequest(`input "${input.name}" has datatype ${input.datatype}; the model takes ${datatype}`);
  }
  if (!shapeFits(input.shape, expected.shape)) {
    throw badRequest(
      `input "${input.name}" has shape [${input.shape.join(', ')}]; the model takes [${expected.shape.join(', ')}], where -1 is any size`,
    );
  }
  if (input.parameters?.['binary_data_size'] !== undefined) {
    throw new ProtocolError(
      501,
      `input "${input.name}": binary tensors are not supported; send "data" as JSON`,
    );
  }
  const elements = flattenData(input.name, input.data, input.shape);
  return { type: expected.type, dims: input.shape, data: convert(input.name, expected.type, elements) };
}

function shapeFits(shape: readonly number[], expected: readonly number[]): boolean {
  return (
    shape.length === expected.length &&
    shape.every((size, axis) => expected[axis] === -1 || expected[axis] === size)
  );
}

function convert(name: string, type: TensorType, elements: readonly unknown[]): Tensor['data'] {
  if (type === 'float16') {
    throw new ProtocolError(501, `input "${name}" is FP16, which JSON cannot carry`);
  }
  const data = allocateTensorData(type, elements.length);
  const convertElement = elementConverter(type);
  for (let index = 0; index < elements.length; index += 1) {
    const element = convertElement(elements[index]);
    if (element === undefined) {
      throw badRequest(
        `input "${name}": element ${index} is ${abbreviated(elements[index])}; ${datatypeOf(type)} takes ${expectation(type)}`,
      );
    }
    // The converter of a type gives just what its array holds.
    (data as { [index: number]: unknown })[index] = element;
  }
  return data;
}

type Converter = (element: unknown) => number | bigint | string | undefined;

function elementConverter(type: Exclude<TensorType, 'float16'>): Converter {
  switch (type) {
    case 'float32':
      return (element) => {
        if (element === null) return Number.NaN;
        return typeof element === 'number' && Number.isFinite(Math.fround(element)) ? element : undefined;
      };
    case 'float64':
      return (element) => (element === null ? Number.NaN : typeof element === 'number' ? element : undefined);
    case 'bool':
      return (element) =>
        element === true || element === 1 ? 1 : element === false || element === 0 ? 0 : undefined;
    case 'string':
      return (element) => (element === null ? '' : typeof element === 'string' ? element : undefined);
    case 'int64':
      return (element) => (Number.isSafeInteger(element) ? BigInt(element as number) : undefined);
    case 'uint64':
      return (element) =>
        Number.isSafeInteger(element) && (element as number) >= 0 ? BigInt(element as number) : undefined;
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32': {
      const [least, greatest] = integerRanges[type];
      return (element) =>
        Number.isInteger(element) && (element as number) >= least && (element as number) <= greatest
          ? (element as number)
          : undefined;
    }
    default:
      return type satisfies never;
  }
}

/** Both ends included. */
const integerRanges = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
} as const;

function expectation(type: TensorType): string {
  switch (type) {
    case 'bool':
      return 'true or false';
    case 'string':
      return 'strings';
    case 'float16':
    case 'float32':
    case 'float64':
      return 'numbers within its range, or null for a missing one';
    case 'int64':
      return 'whole numbers from -(2^53 - 1) to 2^53 - 1 in JSON';
    case 'uint64':
      return 'whole numbers from 0 to 2^53 - 1 in JSON';
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return `whole numbers from ${integerRanges[type].join(' to ')}`;
    default:
      return type satisfies never;
  }
}

function abbreviated(element: unknown): string {
  if (typeof element === 'object' && element !== null) return 'an object';
  const text = JSON.stringify(element) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
