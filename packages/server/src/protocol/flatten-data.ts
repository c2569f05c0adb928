import { badRequest } from './protocol-error';

/**
 * The elements of a tensor in row-major order, from either form that the protocol allows: one flat array, or arrays
 * nested as the shape says.
 *
 * @throws ProtocolError 400 when there are more or fewer elements than the shape says, or the nesting is another
 */
export function flattenData(name: string, data: unknown, shape: readonly number[]): readonly unknown[] {
  if (!Array.isArray(data)) throw badRequest(`input "${name}": "data" must be an array`);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (!data.some(Array.isArray)) {
    if (data.length === expected) return data;
    throw badRequest(
      `input "${name}" has shape [${shape.join(', ')}], that is ${expected} elements, but its data has ${data.length}`,
    );
  }
  const elements: unknown[] = [];
  collect(data, 0);
  return elements;

  function collect(level: unknown, axis: number): void {
    if (axis === shape.length) {
      if (!Array.isArray(level)) elements.push(level);
      else
        throw badRequest(`input "${name}": its data is nested deeper than its shape [${shape.join(', ')}]`);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis]) {
      const found = Array.isArray(level) ? `an array of ${level.length}` : 'a single element';
      throw badRequest(
        `input "${name}": its data is not nested as its shape [${shape.join(', ')}] says: on axis ${axis} stands ${found}`,
      );
    }
    for (const item of level) collect(item, axis + 1);
  }
}
