import { openStore } from '../store';
import { commonType } from './source-as-parquet';
import { parquetRows, temporaryDataset } from '../temporary-dataset.fixture';

jest.setTimeout(60_000);

describe('a source of more CSV files than are read together', () => {
  /** 1,200 files of one row: id, a column that turns into a number, and one that only the last files have. */
  function manyFiles(source: object = {}, broken?: number) {
    const dataset = temporaryDataset({
      sources: { raw: { path: 'data/*.csv', ...source } },
      splits: { all: { fraction: 1 } },
    });
    for (let index = 0; index < 1200; index += 1) {
      const name = String(index).padStart(4, '0');
      const text =
        index === broken
          ? 'id,x,code\n1\n'
          : index < 1100
            ? `id,x,code\n${index},${index},${name}\n`
            : `x,id,code,late\n0.5,${index},x${name},${index}\n`;
      dataset.write(`data/${name}.csv`, text);
    }
    return dataset;
  }

  it('has the types that all files together suggest, columns matched by name, rows in the order of the files', async () => {
    const dataset = manyFiles({ types: { id: 'number' } });
    await dataset.lock();
    const { splits } = await dataset.prepare();
    expect(splits['all']).toMatchObject({
      rows: 1200,
      columns: [
        { name: 'id', type: 'number' },
        { name: 'x', type: 'number' },
        { name: 'code', type: 'string' },
        { name: 'late', type: 'integer' },
      ],
    });
    const { store } = await openStore(dataset.project.workspaceRoot);
    const rows = await parquetRows(
      store.pathOf(splits['all']?.file.sha256 ?? ''),
      'id, x, code, late::INTEGER',
    );
    // Text keeps the zeros that a number would lose.
    expect([rows[7], rows[1099], rows[1199]]).toEqual([
      [7, 7, '0007', null],
      [1099, 1099, '1099', null],
      [1199, 0.5, 'x1199', 1199],
    ]);
  });

  it('names a broken file and its line', async () => {
    const dataset = manyFiles({}, 1050);
    await dataset.lock();
    await expect(dataset.prepare()).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_BROKEN',
      message: expect.stringMatching(/1050\.csv: line 2 has 1 cell, the header has 3/),
    });
  });

  it('names a type for a column that is in no file', async () => {
    const dataset = manyFiles({ types: { lat: 'string' } });
    await dataset.lock();
    await expect(dataset.prepare()).rejects.toMatchObject({
      code: 'MLOPS_SOURCE_TYPES',
      message: expect.stringContaining('Did you mean "late"'),
    });
  });
});

describe('commonType', () => {
  it.each([
    [undefined, 'DATE', 'DATE'],
    ['BIGINT', 'BIGINT', 'BIGINT'],
    ['BIGINT', 'DOUBLE', 'DOUBLE'],
    ['DOUBLE', 'BIGINT', 'DOUBLE'],
    ['TIMESTAMP', 'DATE', 'TIMESTAMP'],
    ['BIGINT', 'DATE', 'VARCHAR'],
    ['BOOLEAN', 'BIGINT', 'VARCHAR'],
    ['VARCHAR', 'BIGINT', 'VARCHAR'],
  ])('of %p and %p is %p', (a, b, common) => {
    expect(commonType(a, b)).toBe(common);
  });
});
