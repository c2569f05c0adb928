import fc from 'fast-check';
import { sqlIdentifier, sqlString, withDuckDb } from './duckdb';

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
