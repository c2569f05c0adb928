import { datatypeOf, type Datatype, type Tensor } from '@nx-mlops/runtime';
import { ProtocolError } from './protocol-error';

export interface ResponseTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

/**
 * A tensor as flat JSON, row-major. NaN and the infinities become null, as JSON has no words for them.
 *
 * @throws ProtocolError 501 for a 64-bit integer beyond ±2^53, which a JSON number would change, and for FP16
 */
export function encodeTensor(name: string, { type, dims, data }: Tensor): ResponseTensor {
  if (type === 'float16') throw new ProtocolError(501, `output "${name}" is FP16, which JSON cannot carry`);
  return { name, datatype: datatypeOf(type), shape: dims, data: toJson(name, type, data) };
}

function toJson(name: string, type: Tensor['type'], data: Tensor['data']): ResponseTensor['data'] {
  if (Array.isArray(data)) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Array.from(data, (element) => safeInteger(name, element));
  }
  return type === 'bool' ? Array.from(data, (element) => element !== 0) : Array.from(data);
}

function safeInteger(name: string, element: bigint): number {
  const number = Number(element);
  if (Number.isSafeInteger(number)) return number;
  throw new ProtocolError(
    501,
    `output "${name}" holds ${element}, which a JSON number cannot carry exactly; ask for other outputs by "outputs"`,
  );
}
