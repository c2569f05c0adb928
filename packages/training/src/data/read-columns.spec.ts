import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import type { RunSplit } from '@nx-mlops/core';
import { writeRun, type Row } from '../../test/run-fixture';
import { readColumns } from './read-columns';

const columns = [
  { name: 'n', type: 'integer' },
  { name: 'x "y"', type: 'number' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'boolean' },
  { name: 'd', type: 'date' },
  { name: 't', type: 'datetime' },
] as const;

async function splitOf(rows: readonly Row[], folder = 'plain'): Promise<RunSplit> {
  const directory = join(dirSync({ unsafeCleanup: true }).name, folder);
  mkdirSync(directory);
  const { datasets } = await writeRun(directory, { columns, target: 'b', rows });
  return datasets['train'] as RunSplit;
}

describe('readColumns', () => {
  test('gives numbers and strings as they stand, missing ones as NaN and null', async () => {
    const split = await splitOf([
      { n: 3, 'x "y"': 0.1, s: "it's", b: true, d: '1970-01-02', t: '1970-01-01 00:00:01.5' },
      {},
      { n: -1, 'x "y"': Infinity, s: '', b: false, d: '1969-12-31', t: '2001-09-09 01:46:40' },
    ]);
    const read = await readColumns(
      split,
      columns.map(({ name }) => name),
    );
    expect(read.rows).toBe(3);
    expect(read.numbers('n')).toEqual(Float64Array.of(3, NaN, -1));
    expect(read.numbers('x "y"')).toEqual(Float64Array.of(0.1, NaN, Infinity));
    expect(read.strings('s')).toEqual(["it's", null, '']);
    expect(read.numbers('b')).toEqual(Float64Array.of(1, NaN, 0));
    expect(read.numbers('d')).toEqual(Float64Array.of(86_400_000, NaN, -86_400_000));
    expect(read.numbers('t')).toEqual(Float64Array.of(1500, NaN, 1_000_000_000_000));
  });

  test('keeps the order of the file, over many chunks', async () => {
    const split = await splitOf(Array.from({ length: 10_000 }, (_, n) => ({ n })));
    const { rows, ...read } = await readColumns(split, ['n']);
    expect(rows).toBe(10_000);
    expect(read.numbers('n').every((value, row) => value === row)).toBe(true);
  });

  test('chooses the same rows for the same seed, in their order', async () => {
    const split = await splitOf(Array.from({ length: 5000 }, (_, n) => ({ n })));
    const choose = async (seed: number) => [
      ...(await readColumns(split, ['n'], { maxRows: 100, seed })).numbers('n'),
    ];
    const chosen = await choose(1);
    expect(chosen).toHaveLength(100);
    expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
    expect(await choose(1)).toEqual(chosen);
    expect(await choose(2)).not.toEqual(chosen);
  });

  test('reads a file whose path looks like a pattern', async () => {
    const split = await splitOf([{ n: 5 }], "o'd [x]* d?r");
    expect([...(await readColumns(split, ['n'])).numbers('n')]).toEqual([5]);
  });

  test('reads a split without rows', async () => {
    const read = await readColumns(await splitOf([]), ['n', 's']);
    expect([read.rows, read.numbers('n').length, read.strings('s').length]).toEqual([0, 0, 0]);
  });

  test('names the nearest column for one that the split does not have', async () => {
    const split = await splitOf([]);
    await expect(readColumns(split, ['N1'])).rejects.toThrow(
      'The split "data:train" has no column "N1". Did you mean "n"?',
    );
  });

  test('says which of numbers and strings a column holds', async () => {
    const read = await readColumns(await splitOf([{ s: 'a', n: 1 }]), ['s', 'n']);
    expect(() => read.numbers('s')).toThrow('The column "s" holds strings: use strings("s").');
    expect(() => read.strings('n')).toThrow('The column "n" holds numbers: use numbers("n").');
    expect(() => read.numbers('b')).toThrow('The column "b" was not read.');
  });

  test('says how to prepare a damaged split again', async () => {
    const split = await splitOf([{ n: 1 }]);
    writeFileSync(split.path, 'PAR1 no more');
    await expect(readColumns(split, ['n'])).rejects.toThrow(
      /The split "data:train" cannot be read: .* Prepare the dataset again with "nx run data:prepare --skip-nx-cache"\./s,
    );
  });
});
