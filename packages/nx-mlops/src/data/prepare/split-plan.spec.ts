import { datasetConfigSchema, type DatasetConfig } from '@nx-mlops/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { sqlIdentifier, sqlString, withDuckDb } from '../duckdb';
import { hashBound, hashColumn, hashExpression, planSplits } from './split-plan';

const FILE = 'ml/x/dataset.config.json';
type Splits = Record<string, { where: string } | { fraction: number }>;

function configWith(splits: Splits, splitBy?: { key?: string[]; seed?: number }): DatasetConfig {
  return datasetConfigSchema.parse({ sources: { raw: { path: 'x.csv' } }, splits, splitBy });
}

/** Which rows of `rows` (a SQL query) each split takes, by the column `id`. */
async function assigned(
  connection: DuckDBConnection,
  config: DatasetConfig,
  rows: string,
  columns: readonly string[],
): Promise<Record<string, number[]>> {
  const plan = planSplits(config, columns, FILE);
  const hash = plan.hash === undefined ? '' : `, ${plan.hash} AS ${sqlIdentifier(hashColumn)}`;
  const result: Record<string, number[]> = {};
  for (const { name, where } of plan.splits) {
    const found = await connection.runAndReadAll(
      `SELECT id FROM (SELECT *${hash} FROM (${rows})) WHERE ${where} ORDER BY id`,
    );
    result[name] = found.getRows().map(([id]) => Number(id));
  }
  return result;
}

describe('planSplits', () => {
  it('gives each row to one split, in shares near the fractions', async () => {
    const config = configWith({
      train: { fraction: 0.7 },
      validation: { fraction: 0.1 },
      test: { fraction: 0.2 },
    });
    await withDuckDb({}, async (connection) => {
      const splits = await assigned(connection, config, 'SELECT range AS id FROM range(20000)', ['id']);
      const all = Object.values(splits).flat();
      expect(new Set(all).size).toBe(20_000);
      expect(all.length).toBe(20_000);
      const share = (name: string) => (splits[name]?.length ?? 0) / 20_000;
      // Five standard deviations of a share of 0.7 of 20,000 rows.
      expect(Math.abs(share('train') - 0.7)).toBeLessThan(0.0163);
      expect(Math.abs(share('validation') - 0.1)).toBeLessThan(0.0163);
    });
  });

  it('keeps every row where it is when rows are added or reordered, and whatever the seed', async () => {
    await withDuckDb({}, (connection) =>
      fc.assert(
        fc.asyncProperty(
          fc.nat(2 ** 31),
          fc.integer({ min: 1, max: 200 }),
          fc.integer({ min: 0, max: 200 }),
          fc.double({ min: 0.05, max: 0.95, noNaN: true }),
          async (seed, count, added, fraction) => {
            const config = configWith({ train: { fraction }, test: { fraction: 1 - fraction } }, { seed });
            const before = await assigned(connection, config, `SELECT range AS id FROM range(${count})`, [
              'id',
            ]);
            const after = await assigned(
              connection,
              config,
              `SELECT range AS id FROM range(${count + added}) ORDER BY hash(range)`,
              ['id'],
            );
            for (const [name, ids] of Object.entries(before)) {
              expect(after[name]?.filter((id) => id < count)).toEqual(ids);
            }
            expect(Object.values(before).flat().length).toBe(count);
          },
        ),
        { numRuns: 20 },
      ),
    );
  });

  it('moves no row of the others when a split is added at the end', async () => {
    await withDuckDb({}, async (connection) => {
      const rows = 'SELECT range AS id FROM range(500)';
      const two = await assigned(
        connection,
        configWith({ a: { fraction: 0.5 }, b: { fraction: 0.2 } }),
        rows,
        ['id'],
      );
      const three = await assigned(
        connection,
        configWith({ a: { fraction: 0.5 }, b: { fraction: 0.2 }, c: { fraction: 0.3 } }),
        rows,
        ['id'],
      );
      expect([three['a'], three['b']]).toEqual([two['a'], two['b']]);
    });
  });

  it('keeps rows of an equal key together', async () => {
    const config = configWith({ train: { fraction: 0.5 }, test: { fraction: 0.5 } }, { key: ['customer'] });
    await withDuckDb({}, async (connection) => {
      const rows = 'SELECT range AS id, range % 40 AS customer FROM range(400)';
      const { train = [], test = [] } = await assigned(connection, config, rows, ['id', 'customer']);
      const customers = (ids: number[]) => new Set(ids.map((id) => id % 40));
      expect([...customers(train)].filter((customer) => customers(test).has(customer))).toEqual([]);
      expect(train.length + test.length).toBe(400);
    });
  });

  it('divides by fraction what no condition takes', async () => {
    const config = configWith({
      train: { fraction: 0.8 },
      test: { where: 'id >= 900 -- the newest' },
      validation: { fraction: 0.2 },
      odd: { where: 'CASE WHEN id = 5 THEN NULL ELSE id = 7 END' },
    });
    await withDuckDb({}, async (connection) => {
      const rows = 'SELECT range AS id FROM range(1000)';
      const { train = [], test, validation = [], odd } = await assigned(connection, config, rows, ['id']);
      expect(test).toEqual(Array.from({ length: 100 }, (_, index) => 900 + index));
      expect(odd).toEqual([7]);
      const rest = [...train, ...validation].sort((a, b) => a - b);
      expect(rest).toEqual(Array.from({ length: 900 }, (_, index) => index).filter((id) => id !== 7));
    });
  });

  it('needs no hash for conditions alone', () => {
    expect(planSplits(configWith({ all: { where: 'true' } }), ['id'], FILE).hash).toBeUndefined();
  });

  it.each([
    [{ a: { fraction: 0.8 }, b: { fraction: 0.3 } }, 'add up to 1.1'],
    [{ a: { fraction: 1 }, b: { fraction: 0.0001 } }, 'add up to 1.0001'],
  ])('refuses fractions beyond all rows: %j', (splits, words) => {
    expect(() => planSplits(configWith(splits), ['id'], FILE)).toThrow(words);
  });

  it('takes fractions that miss 1 by rounding alone', () => {
    const splits = { a: { fraction: 0.8 }, b: { fraction: 0.1 }, c: { fraction: 0.1 } };
    expect(planSplits(configWith(splits), ['id'], FILE).splits.at(-1)?.where).not.toContain('<');
  });

  it('names a key that is no column', () => {
    const config = configWith({ a: { fraction: 1 } }, { key: ['custmer'] });
    expect(() => planSplits(config, ['customer'], FILE)).toThrow('"custmer" is no column');
  });
});

describe('hashExpression', () => {
  const value = fc.option(
    fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0')),
  );
  const literal = (text: string | null) => (text === null ? 'NULL' : sqlString(text));
  const plainText = (seed: number, key: readonly (string | null)[]) =>
    String(seed) + key.map((text) => (text === null ? ';-' : `;${Buffer.byteLength(text)}:${text}`)).join('');

  it('is the md5 that any other tool would compute from seed and key', async () => {
    await withDuckDb({}, (connection) =>
      fc.assert(
        fc.asyncProperty(fc.nat(), value, value, async (seed, a, b) => {
          const result = await connection.runAndReadAll(
            `SELECT ${hashExpression(['a', 'b'], seed)} FROM (SELECT ${literal(a)}::VARCHAR AS a, ${literal(b)}::VARCHAR AS b)`,
          );
          const expected = createHash('md5')
            .update(plainText(seed, [a, b]))
            .digest('hex')
            .slice(0, 13);
          expect(result.getRows()).toEqual([[expected]]);
        }),
        { numRuns: 50 },
      ),
    );
  });

  it('has another text for each other key', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), fc.array(value, { maxLength: 3 }), (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(plainText(0, a)).not.toBe(plainText(0, b));
      }),
    );
  });
});

describe('hashBound', () => {
  it('rises with the share and has the length of a hash', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(hashBound(low) <= hashBound(high)).toBe(true);
          expect(hashBound(a)).toMatch(/^[0-9a-f]{13}$/);
        },
      ),
    );
    expect(hashBound(0.5)).toBe('8000000000000');
  });
});
