import { layout, type CheckResult } from '@nx-mlops/core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';
import { validateDataset } from './validate-dataset';

const csv = `id,origin,km
1,A,10
2,A,20
3,B,30
4,B,-5
`;

async function checked(
  files: Readonly<Record<string, string>>,
): Promise<{ dataset: TemporaryDataset; find: (name: string) => CheckResult | undefined }> {
  const dataset = temporaryDataset(
    {
      sources: { raw: { path: 'x.csv' } },
      splits: { train: { where: 'id <= 2' }, test: { where: 'id > 2' } },
      validation: { sql: 'checks' },
    },
    {
      'x.csv': csv,
      ...Object.fromEntries(Object.entries(files).map(([name, sql]) => [`checks/${name}`, sql])),
    },
  );
  await dataset.lock();
  await dataset.prepare();
  const { checks } = await validateDataset(dataset.project, dataset.config, dataset.io);
  return { dataset, find: (name) => checks.find(({ check }) => check === name) };
}

describe('checks in SQL', () => {
  it('pass when no row is returned', async () => {
    const { find } = await checked({
      'far-flights.sql': '-- No flight is longer than the equator.\nSELECT * FROM test WHERE km > 40000;\n',
    });
    expect(find('far-flights')).toEqual({
      check: 'far-flights',
      split: 'test',
      verdict: 'pass',
      because: 'No flight is longer than the equator: no row is returned',
    });
  });

  it('fail with the rows that are returned, by their numbers', async () => {
    const { find, dataset } = await checked({ 'km.sql': 'SELECT * FROM test WHERE km < 0' });
    expect(find('km')).toEqual({
      check: 'km',
      split: 'test',
      verdict: 'fail',
      because: '1 row is returned',
      failingRows: 1,
      examples: [{ row: 2, values: { id: 4, origin: 'B', km: -5 } }],
    });
    expect(existsSync(join(dataset.project.folder, layout.validation))).toBe(false);
  });

  it('compare splits, and show values where rows have no number', async () => {
    const { find } = await checked({
      'new-origins.sql':
        '-- severity: warn\nSELECT DISTINCT origin FROM test WHERE origin NOT IN (SELECT origin FROM train)',
    });
    expect(find('new-origins')).toMatchObject({
      verdict: 'warn',
      failingRows: 1,
      because: '1 row is returned, such as "B"',
    });
    expect(find('new-origins')?.examples).toBeUndefined();
  });

  it.each([
    [
      'a table that is no split',
      'SELECT * FROM tset',
      /new\.sql: line 1: .*tset.*The tables are the splits: train, test/,
    ],
    ['a file', "SELECT * FROM read_csv('/etc/passwd')", /Permission Error.*no files can be read/],
    ['two statements', 'SELECT 1; SELECT 2', /holds 2 statements/],
    ['none', '-- nothing\n', /holds 0 statements/],
    ['a change', 'DROP VIEW train', /is no SELECT/],
    ['another severity', '-- severity: fatal\nSELECT * FROM train', /"fatal" is no severity/],
    ['a fault while it runs', 'SELECT * FROM train WHERE CAST(origin AS INTEGER) = 1', /Conversion Error/],
  ])('name a file that asks for %s', async (_, sql, message) => {
    await expect(checked({ 'new.sql': sql })).rejects.toMatchObject({
      code: 'MLOPS_CHECK_SQL',
      message: expect.stringMatching(message),
    });
  });

  it('may not have the name of a check of ours', async () => {
    await expect(checked({ 'skew.sql': 'SELECT 1' })).rejects.toMatchObject({
      code: 'MLOPS_CHECK_SQL',
      location: { file: 'ml/late flights/checks/skew.sql' },
    });
  });

  it.each([
    ['a folder that is not there', {}, /cannot be read/],
    ['a folder without SQL', { 'README.md': '' }, /holds no SQL file/],
  ])('name %s', async (_, files, message) => {
    await expect(checked(files)).rejects.toMatchObject({
      code: 'MLOPS_CHECK_SQL',
      message: expect.stringMatching(message),
    });
  });
});
