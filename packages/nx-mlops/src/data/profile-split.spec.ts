import { profileSchema, type Column, type Profile } from '@nx-mlops/core';
import fc from 'fast-check';
import { join } from 'node:path';
import tmp from 'tmp';
import { splitTable } from './check-split';
import { sqlString, withDuckDb } from './duckdb';
import { histogramEdges, profileSplit } from './profile-split';

tmp.setGracefulCleanup();

async function profileOf(query: string, columns: Column[]): Promise<Profile> {
  const file = join(tmp.dirSync({ unsafeCleanup: true }).name, 'rows.parquet');
  return withDuckDb({}, async (connection) => {
    const copied = await connection.run(`COPY (${query}) TO ${sqlString(file)} (FORMAT parquet)`);
    const profile = await profileSplit(connection, splitTable('train', file, columns), {
      version: 1,
      dataset: 'd',
      split: 'train',
      file: { sha256: '0'.repeat(64), size: 1 },
      rows: copied.rowsChanged,
      columns,
    });
    return profileSchema.parse(profile);
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
    expect(columns[0]).toMatchObject({ missing: 2, distinct: 249, otherCount: 49, minimum: 'often' });
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
    expect(columns[1]).toEqual({ name: 'nothing', type: 'number', rows: 4, missing: 4, distinct: 0 });
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
