import fc from 'fast-check';
import { Encoder, type FeatureColumn } from '../src/encoding/encoder';
import type { FeatureEncoding } from '../src/encoding/encoding';
import type { Row, Value } from './run-fixture';

const float = fc.float({ min: -100, max: 100, noNaN: true });

const numberEncoding = fc.record({
  kind: fc.constant('number' as const),
  type: fc.constantFrom('number' as const, 'integer' as const),
  offset: float,
  scale: fc.float({ min: Math.fround(0.01), max: 2, noNaN: true }),
  fill: fc.float({ min: -2, max: 2, noNaN: true }),
  indicator: fc.boolean(),
});

const encodingName = fc.constantFrom('one-hot' as const, 'index' as const);

const stringEncoding = fc.record({
  kind: fc.constant('category' as const),
  type: fc.constant('string' as const),
  encoding: encodingName,
  keys: fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 6 }), { minLength: 1, maxLength: 8 }),
  other: fc.boolean(),
});

const integerEncoding = fc.record({
  kind: fc.constant('category' as const),
  type: fc.constantFrom('integer' as const, 'boolean' as const),
  encoding: encodingName,
  keys: fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 8 }),
  other: fc.boolean(),
});

const encoding = fc.oneof(numberEncoding, stringEncoding, integerEncoding);
type UnnamedEncoding = typeof encoding extends fc.Arbitrary<infer T> ? T : never;

/** An encoder of one to five features, and rows with known, unknown, missing and infinite values. */
export const encodersWithRows: fc.Arbitrary<{ encoder: Encoder; rows: Row[] }> = fc
  .array(encoding, { minLength: 1, maxLength: 5 })
  .chain((encodings) => {
    const features = encodings.map((item, i): FeatureEncoding => ({ ...item, feature: `feature ${i}` }));
    const target = fc.record({
      offset: fc.float({ min: -10, max: 10, noNaN: true }),
      scale: fc.float({ min: Math.fround(0.5), max: 2, noNaN: true }),
    });
    const row = fc.record(
      Object.fromEntries(
        encodings.map((item, i): [string, fc.Arbitrary<Value>] => [`feature ${i}`, valueFor(item)]),
      ),
    );
    return fc.record({
      encoder: target.map((scaling) => new Encoder(features, scaling)),
      rows: fc.array(row, { minLength: 1, maxLength: 20 }),
    });
  });

function valueFor(item: UnnamedEncoding): fc.Arbitrary<Value> {
  if (item.kind === 'number') {
    const { offset, scale } = item;
    return fc.oneof(
      { weight: 6, arbitrary: fc.float({ min: -5, max: 5, noNaN: true }).map((z) => offset + z / scale) },
      { weight: 2, arbitrary: fc.constantFrom(null, NaN, Infinity, -Infinity, 1e39) },
    );
  }
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(item.keys as (string | number)[])) },
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: item.type === 'string' ? fc.string({ unit: 'grapheme', maxLength: 4 }) : fc.integer(),
    },
  );
}

/** Rows as the encoder's columns. */
export function columnsOf(encoder: Encoder, rows: readonly Row[]): FeatureColumn[] {
  return encoder.features.map(({ feature }, index) => {
    const column = encoder.emptyColumn(index, rows.length);
    rows.forEach((row, place) => {
      column[place] = encoder.valueOf(index, row[feature]);
    });
    return column;
  });
}
