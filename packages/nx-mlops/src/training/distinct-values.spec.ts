import { join } from 'node:path';
import type { ColumnType } from '@nx-mlops/core';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../data/duckdb';
import { distinctValues } from './distinct-values';

tmp.setGracefulCleanup();

const file = join(tmp.dirSync({ unsafeCleanup: true }).name, "it's rows.parquet");
const signal = new AbortController().signal;

beforeAll(() =>
  withDuckDb({}, async (connection) => {
    await connection.run(`COPY (
      SELECT i % 2 = 0 AS "boolean", i::BIGINT AS "integer", i / 2 AS "number", 'v' || (i % 3) AS "a ""name""",
             DATE '2001-01-01' AS "date", NULLIF(i % 2, 0) AS sparse
      FROM range(2000) t(i)) TO ${sqlString(file)} (FORMAT parquet)`);
  }),
);

it.each([
  ['boolean', 'boolean', [false, true]],
  ['a "name"', 'string', ['v0', 'v1', 'v2']],
  ['date', 'date', ['2001-01-01']],
  ['sparse', 'integer', [1]],
] as const)('of %s as %s', async (name, type: ColumnType, values) => {
  expect((await distinctValues(file, { name, type }, signal)).sort()).toEqual(values);
});

it('gives just enough of too many to know that they are', async () => {
  const values = await distinctValues(file, { name: 'integer', type: 'integer' }, signal);
  expect(values).toHaveLength(1001);
  expect(values.every((value) => typeof value === 'number')).toBe(true);
});
