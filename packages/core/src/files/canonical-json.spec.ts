import fc from 'fast-check';
import { canonicalJson } from './canonical-json';

/** The same value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reordered(item)]),
  );
}

describe('canonicalJson', () => {
  it('holds the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toHaveLength(JSON.stringify(value).length);
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is the same bytes for any order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('is sorted, indented and ends its line', () => {
    expect(canonicalJson({ b: [1], a: undefined, A: { z: null, y: 'ü' } })).toBe(
      '{\n  "A": {\n    "y": "ü",\n    "z": null\n  },\n  "b": [\n    1\n  ]\n}\n',
    );
  });

  it.each([
    [{ loss: NaN }, '$.loss is NaN'],
    [[1, [Infinity]], '$[1][0] is Infinity'],
    [{ rows: 1n }, '$.rows is a bigint'],
    [{ run: () => 1 }, '$.run is a function'],
  ])('refuses what JSON cannot hold: %#', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});
