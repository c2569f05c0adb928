import { mergeProfiles, profileSchema, type Column, type Profile } from '@nx-mlops/core';
import fc from 'fast-check';
import { join } from 'node:path';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../duckdb';
import { histogramEdges, profileSplit } from './profile-split';
import { scanSplit } from './scan-split';
import { splitTable } from './split-table';

tmp.setGracefulCleanup();

async function profileOf(
  query: string,
  columns: Column[],
  { reference, threads = 1 }: { reference?: Profile; threads?: number } = {},
): Promise<Profile> {
  const file = join(tmp.dirSync({ unsafeCleanup: true }).name, 'rows.parquet');
  return withDuckDb({ threads }, async (connection) => {
    await connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    const table = splitTable('train', file, columns);
    const facts = await scanSplit(connection, table, [], threads);
    const manifest = {
      version: 1 as const,
      dataset: 'd',
      split: 'train',
      file: { sha256: '0'.repeat(64), size: 1 },
      rows: facts.rows,
      columns,
    };
    return profileSchema.parse(await profileSplit(connection, table, facts, manifest, reference));
  });
}

describe('profileSplit', () => {
  it('tells range, moments and gaps of a number', async () => {
    const { columns } = await profileOf('SELECT * FROM (VALUES (2.0::DOUBLE), (4), (4), (NULL), (6)) t(v)', [
      { name: 'v', type: 'number' },
    ]);
    expect(columns[0]).toMatchObject({
      rows: 5,
      missing: 1,
      distinct: 3,
      minimum: 2,
      maximum: 6,
      mean: 4,
      histogram: { edges: [2, 4, 6], counts: [1, 3] },
    });
    expect(columns[0]?.standardDeviation).toBeCloseTo(Math.sqrt(8 / 3), 12);
  });

  it('counts the most frequent values of text and booleans, and all others', async () => {
    const { columns } = await profileOf(
      `SELECT CASE WHEN range < 50 THEN 'often' WHEN range < 52 THEN NULL ELSE 'rare ' || range END AS s, range < 52 AS b FROM range(300)`,
      [
        { name: 's', type: 'string' },
        { name: 'b', type: 'boolean' },
      ],
    );
    expect(columns[0]?.top?.[0]).toEqual(['often', 50]);
    expect(columns[0]?.top).toHaveLength(200);
    expect(Math.abs((columns[0]?.distinct ?? 0) - 249)).toBeLessThan(10);
    expect(columns[0]).toMatchObject({ missing: 2, otherCount: 49, minimum: 'often' });
    expect(columns[0]?.sketch).toMatch(/^sparse:/);
    expect(columns[1]?.top).toEqual([
      [false, 248],
      [true, 52],
    ]);
  });

  it('tells the range of dates and text', async () => {
    const { columns } = await profileOf("SELECT DATE '2001-01-01' + range::INTEGER AS d FROM range(10)", [
      { name: 'd', type: 'date' },
    ]);
    expect(columns[0]).toMatchObject({ minimum: '2001-01-01', maximum: '2001-01-10', distinct: 10 });
  });

  it('leaves infinities and empty columns out of the figures', async () => {
    const { columns } = await profileOf(
      `SELECT * FROM (VALUES (1::DOUBLE, NULL::DOUBLE), ('inf', NULL), ('-inf', NULL), (3, NULL)) t(v, nothing)`,
      [
        { name: 'v', type: 'number' },
        { name: 'nothing', type: 'number' },
      ],
    );
    expect(columns[0]).toMatchObject({ missing: 0, minimum: 1, maximum: 3, mean: 2 });
    expect(columns[1]).toEqual({
      name: 'nothing',
      type: 'number',
      rows: 4,
      missing: 4,
      distinct: 0,
      sketch: 'sparse:',
      finite: 0,
    });
  });

  it('profiles more columns than one query takes', async () => {
    const columns = Array.from({ length: 40 }, (_, index): Column => ({
      name: `c ${index}`,
      type: 'integer',
    }));
    const selected = columns.map(({ name }, index) => `range + ${index} AS "${name}"`);
    const profile = await profileOf(`SELECT ${selected.join(', ')} FROM range(100)`, columns);
    expect(profile.columns.map(({ name, minimum }) => [name, minimum])).toEqual(
      columns.map(({ name }, index) => [name, index]),
    );
  });

  it('loses no value of its own bins to the rounding of their edges', async () => {
    const { columns } = await profileOf('SELECT sin(range) * 1e-3 + 1e3 AS v FROM range(20000)', [
      { name: 'v', type: 'number' },
    ]);
    const { counts = [], under, over } = columns[0]?.histogram ?? {};
    expect(columns[0]?.top).toBeUndefined();
    expect({ under, over }).toEqual({ under: 0, over: 0 });
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    counts.forEach((count) => expect(Math.abs(count - 1000)).toBeLessThan(10));
  });

  it('counts every finite value in exactly one bin', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.integer({ min: -5, max: 5 }),
            fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
          ),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        async (values) => {
          const rows = values.map((value) => `(${value}::DOUBLE)`).join(', ');
          const { columns } = await profileOf(`SELECT * FROM (VALUES ${rows}) t(v)`, [
            { name: 'v', type: 'number' },
          ]);
          const histogram = columns[0]?.histogram;
          expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
          expect(histogram?.counts).toHaveLength((histogram?.edges.length ?? 0) - 1);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('a profile over the bins of another one', () => {
  const columns: Column[] = [
    { name: 'n', type: 'number' },
    { name: 'i', type: 'integer' },
    { name: 's', type: 'string' },
    { name: 'b', type: 'boolean' },
    { name: 'd', type: 'date' },
  ];

  interface Row {
    readonly n: number | null;
    readonly i: number | null;
    readonly s: string | null;
    readonly b: boolean | null;
    readonly d: number | null;
  }

  const rowsOf = (rows: readonly Row[]) => {
    const values = rows.map(
      ({ n, i, s, b, d }) =>
        `(${n}::DOUBLE, ${i}::BIGINT, ${s === null ? 'NULL' : sqlString(s)}, ${b}::BOOLEAN, DATE '2001-01-01' + ${d}::INTEGER)`,
    );
    return `SELECT * FROM (VALUES ${values.join(', ')}) t(n, i, s, b, d)`;
  };

  const rows = fc.array(
    fc.record<Row>({
      n: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      i: fc.option(fc.integer({ min: -5, max: 5 })),
      s: fc.option(fc.constantFrom('a', 'b', 'ü', "it's", '😀')),
      b: fc.option(fc.boolean()),
      d: fc.option(fc.nat({ max: 400 })),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('adds up to the profile of all rows', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, rows, async (before, a, b) => {
        const reference = await profileOf(rowsOf(before), columns);
        const [left, right, whole] = await Promise.all(
          [a, b, [...a, ...b]].map((part) => profileOf(rowsOf(part), columns, { reference })),
        );
        expectSame(mergeProfiles(left as Profile, right as Profile), whole as Profile);
      }),
      { numRuns: 12 },
    );
  });

  it('adds up where there are too many values to count them one by one', async () => {
    const query = (from: number, to: number) =>
      `SELECT range * 1.7 AS n, range AS i, 'name ' || range AS s, range % 2 = 0 AS b, DATE '1900-01-01' + (range % 3000)::INTEGER AS d FROM range(${from}, ${to})`;
    const reference = await profileOf(query(0, 20_000), columns);
    const [left, right, whole] = await Promise.all(
      [query(0, 9000), query(9000, 30_000), query(0, 30_000)].map((part) =>
        profileOf(part, columns, { reference }),
      ),
    );
    expectSame(mergeProfiles(left as Profile, right as Profile), whole as Profile);
    expect(whole?.columns[0]?.histogram).toMatchObject({ under: 0, over: 10_000 });
    expect(Math.abs((whole?.columns[2]?.distinct ?? 0) - 30_000)).toBeLessThan(1500);
  });

  it('is the same to the byte on any number of threads', async () => {
    const query =
      "SELECT sin(range) * 1e3 AS n, range AS i, 'x' || range % 7 AS s, true AS b, NULL::DATE AS d FROM range(50000)";
    const [one, four] = await Promise.all([1, 4].map((threads) => profileOf(query, columns, { threads })));
    expect(JSON.stringify(four)).toBe(JSON.stringify(one));
  });

  it('knows the hash that sketches are made with: another one could not be merged with stored profiles', async () => {
    const { columns: found } = await profileOf(
      "SELECT 1.5::DOUBLE AS n, 7::BIGINT AS i, 'a' AS s, true AS b, DATE '2001-01-01' AS d",
      columns,
    );
    expect(found.map(({ sketch }) => sketch)).toMatchInlineSnapshot(`
     [
       "sparse:F6B",
       "sparse:eTB",
       "sparse:rlC",
       "sparse:QXB",
       "sparse:1pB",
     ]
    `);
  });

  function expectSame(merged: Profile, whole: Profile): void {
    expect(merged.rows).toBe(whole.rows);
    merged.columns.forEach((column, index) => {
      const { mean, squaredDeviations, standardDeviation, ...exact } = column;
      const expected = { ...(whole.columns[index] as Profile['columns'][number]) };
      const scale = Math.max(
        1,
        ...[column.minimum, column.maximum].map((value) => Math.abs(Number(value) || 0)),
      );
      expectClose(mean, expected.mean, scale);
      expectClose(squaredDeviations, expected.squaredDeviations, scale ** 2 * column.rows);
      expectClose(standardDeviation, expected.standardDeviation, scale);
      delete expected.mean;
      delete expected.squaredDeviations;
      delete expected.standardDeviation;
      expect(exact).toEqual(expected);
    });
  }

  function expectClose(actual: number | undefined, expected: number | undefined, scale: number): void {
    if (expected === undefined) expect(actual).toBeUndefined();
    else expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-12 * scale);
  }
});

describe('histogramEdges', () => {
  it('gives one closed bin to a column of one value', () => {
    expect(histogramEdges(5, [5, 5, 5], 5)).toEqual([5, 5]);
  });

  it('rises, without repetition, from the smallest to the largest', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -100, max: 0 }),
        fc.array(fc.option(fc.double({ noNaN: true, min: -200, max: 200 }))),
        fc.double({ noNaN: true, min: 1, max: 100 }),
        (minimum, inner, maximum) => {
          const edges = histogramEdges(minimum, inner, maximum);
          expect(edges[0]).toBeCloseTo(minimum, 12);
          expect(edges.at(-1)).toBe(maximum);
          edges.slice(1).forEach((edge, index) => expect(edge).toBeGreaterThan(edges[index] as number));
        },
      ),
    );
  });
});
