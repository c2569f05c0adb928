import { sha256OfBytes } from '@nx-mlops/core';
import fc from 'fast-check';
import { decodeStatRecords, encodeStatRecords } from './stat-cache-text';

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const number = fc.bigInt(0n, 2n ** 64n).map(String);
const record = fc
  .tuple(digest, number, fc.bigInt(-(2n ** 63n), 2n ** 63n).map(String), number, number)
  .map((parts) => parts.join(' '));
/** Paths of any text that UTF-8 holds: spaces, line breaks and backslashes among it. */
const path = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('\\', '\n', 'n', ' ', '/', 'ü', '\r', '"') }),
);
const records = fc.array(fc.tuple(path, record)).map((entries) => new Map(entries));

describe('the text of a stat cache', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(records, (given) => {
        expect(decodeStatRecords(encodeStatRecords(given))).toEqual(given);
      }),
    );
  });

  it('holds a line a file', () => {
    const text = encodeStatRecords(new Map([['a b\n.csv', `${'0'.repeat(64)} 1 2 3 4`]]));
    expect(text.split('\n').slice(1)).toEqual([`${'0'.repeat(64)} 1 2 3 4 a b\\n.csv`, '']);
  });

  it('is worth nothing when a character of it is another, or missing', () => {
    fc.assert(
      fc.property(
        records.filter(({ size }) => size > 0).map(encodeStatRecords),
        fc.nat(),
        fc.boolean(),
        (text, at, cut) => {
          const index = at % text.length;
          const other = text[index] === 'x' ? 'y' : 'x';
          const damaged = cut
            ? text.slice(0, index)
            : `${text.slice(0, index)}${other}${text.slice(index + 1)}`;
          expect(decodeStatRecords(damaged).size).toBe(0);
        },
      ),
    );
  });

  it('of another version is worth nothing', () => {
    const body = `${'0'.repeat(64)} 1 2 3 4 a\n`;
    expect(decodeStatRecords(`nx-mlops stat cache 3 ${sha256OfBytes(body)}\n${body}`).size).toBe(0);
    expect(decodeStatRecords(`nx-mlops stat cache 2 ${sha256OfBytes(body)}\n${body}`).size).toBe(1);
  });
});
