import fc from 'fast-check';
import { sqlIdentifier, sqlString, withDuckDb } from './duckdb';
import { sqlLiteral } from './sql-text';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'));

describe('SQL text', () => {
  it('comes back from DuckDB as it went in, quotes and statements included', async () => {
    await withDuckDb({}, (connection) =>
      fc.assert(
        fc.asyncProperty(text, async (value) => {
          const result = await connection.runAndReadAll(`SELECT ${sqlString(value)}`);
          expect(result.getRows()).toEqual([[value]]);
        }),
        { examples: [["'; DROP TABLE x; --"], ["''"], ['\\'], ['"']] },
      ),
    );
  });

  it('keeps every bit of a number', async () => {
    await withDuckDb({}, (connection) =>
      fc.assert(
        fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
          const result = await connection.runAndReadAll(`SELECT (${sqlLiteral(value)})::DOUBLE`);
          // SQL has one zero.
          expect(result.getRows()).toEqual([[value + 0 === 0 ? 0 : value]]);
        }),
        { examples: [[0.1], [1e300], [5e-324], [-950092.1234567891], [2 ** 60]] },
      ),
    );
  });

  it('names columns that hold quotes, spaces and keywords', async () => {
    await withDuckDb({}, (connection) =>
      fc.assert(
        fc.asyncProperty(
          text.filter((value) => value.length > 0),
          async (name) => {
            const result = await connection.runAndReadAll(`SELECT 1 AS ${sqlIdentifier(name)}`);
            expect(result.columnNames()).toEqual([name]);
          },
        ),
        { examples: [['select'], ['a"b'], ['a b'], [';']] },
      ),
    );
  });

  it('refuses a NUL, which would end the statement', () => {
    expect(() => sqlString('a\0b')).toThrow(TypeError);
    expect(() => sqlIdentifier('\0')).toThrow(TypeError);
  });
});
